/**
 * What a generated service needs to start in production, beside a database and an address of its own.
 * Nothing of it is reached: a measurement or a test sends no mail and asks nothing of Stripe.
 */
export const production = {
  NODE_ENV: 'production',
  SMTP_URL: 'smtp://127.0.0.1:2525',
  MAIL_FROM: 'no-reply@example.com',
  STRIPE_SECRET_KEY: 'sk_test_example',
  STRIPE_WEBHOOK_SECRETS: 'whsec_example',
} as const;
