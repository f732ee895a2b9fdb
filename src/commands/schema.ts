import { toJSONSchema } from 'zod/mini';
import { configSchema } from '../catalog/answers.ts';

/** The JSON Schema of a config file: every answer, none of them required. */
export function schema(): object {
  return {
    ...toJSONSchema(configSchema, { io: 'input' }),
    title: 'A config file of create-shipkit',
  };
}
