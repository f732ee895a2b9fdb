#!/bin/sh
# In place of certbot, which needs a domain that leads here.
for domain; do :; done
mkdir -p /etc/letsencrypt/live/$domain
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=$domain -keyout /etc/letsencrypt/live/$domain/privkey.pem -out /etc/letsencrypt/live/$domain/fullchain.pem 2> /dev/null
