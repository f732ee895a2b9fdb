/**
 * Every subcommand, those of later versions too: none of them may be a project's name, or
 * `create-shipkit <name>` would change its meaning on the day the command comes.
 */
export const commandNames = [
  'create',
  'info',
  'schema',
  'features',
  'add',
  'remove',
  'add-domain',
  'remove-domain',
  'update',
  'doctor',
  'diff',
  'completion',
  'rotate-keys',
  'webhooks',
  'deploy-config',
  'help',
] as const;
