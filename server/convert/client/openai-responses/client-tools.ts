import type { JsonObject } from '../../../canonical/json.ts'
import type { CallKind } from './tool-table.ts'

/** A tool whose declaration is its type alone: OpenAI's models know it, others must be told. */
export interface ClientTool {
  readonly kind: CallKind
  readonly name: string
  readonly description: string
  readonly inputSchema: JsonObject
}

const text = (description: string): JsonObject => ({ type: 'string', description })
const milliseconds: JsonObject = { type: 'integer', minimum: 1, description: 'Time limit in milliseconds.' }

/** What a `custom` tool takes: one text, under this name. */
export const customInputSchema: JsonObject = {
  type: 'object',
  properties: { input: text('The whole input of the tool, as plain text.') },
  required: ['input'],
  additionalProperties: false,
}

/** The tools that OpenAI's models know by type and that the client itself runs. */
export const clientTools: ReadonlyMap<string, ClientTool> = new Map<string, ClientTool>([
  [
    'local_shell',
    {
      kind: 'local-shell',
      name: 'local_shell',
      description: "Runs a command on the user's computer and returns its output.",
      inputSchema: {
        type: 'object',
        properties: {
          command: { type: 'array', items: { type: 'string' }, description: 'The program and its arguments.' },
          working_directory: text('Directory to run it in.'),
          timeout_ms: milliseconds,
        },
        required: ['command'],
      },
    },
  ],
  [
    'shell',
    {
      kind: 'shell',
      name: 'shell',
      description: "Runs shell commands on the user's computer and returns their output.",
      inputSchema: {
        type: 'object',
        properties: {
          commands: { type: 'array', items: { type: 'string' }, description: 'Shell command lines, run in order.' },
          timeout_ms: milliseconds,
          max_output_length: { type: 'integer', minimum: 1, description: 'Characters of output to return.' },
        },
        required: ['commands'],
      },
    },
  ],
  [
    'apply_patch',
    {
      kind: 'apply-patch',
      name: 'apply_patch',
      description:
        'Creates, changes or deletes one file. The diff is in V4A form: lines begin with "+", "-" or a space.',
      inputSchema: {
        type: 'object',
        properties: {
          type: { type: 'string', enum: ['create_file', 'update_file', 'delete_file'] },
          path: text('Path of the file.'),
          diff: text('The change; left out when a file is deleted.'),
        },
        required: ['type', 'path'],
      },
    },
  ],
])

/** What a client's own tool search takes when its declaration does not say. */
export const searchSchema: JsonObject = {
  type: 'object',
  properties: { query: text('What the tool should be able to do.'), limit: { type: 'integer', minimum: 1 } },
  required: ['query'],
}
