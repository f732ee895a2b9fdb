import * as z from 'zod';
import { answersSchema } from '../catalog/answers.ts';

/** The JSON Schema of a config file: every answer, none of them required. */
export function configSchema(): object {
  const schema = z.toJSONSchema(answersSchema.partial(), { io: 'input' });
  return { ...schema, title: 'A config file of create-shipkit' };
}
