import type { LintRule } from './rule.ts'

/** Rules about images, documents, reasoning, parameters and sizes. */
export const contentRules = [
  {
    name: 'too-many-images',
    finds: 'The conversation holds more than 10 images.',
    action: 'repair',
    remedy: 'The newest 10 are sent; a note stands in the place of each older one.',
    source: 'amazon-q.md §2.4 images',
  },
  {
    name: 'unsupported-image',
    finds:
      'An image is a link, is larger than 10,000,000 characters, or has a format other than PNG, JPEG, GIF and WebP.',
    action: 'repair',
    remedy: 'A note stands in its place.',
    source: 'amazon-q.md §2.6',
  },
  {
    name: 'image-not-accepted',
    finds: 'The conversation holds an image and the model takes text only.',
    action: 'repair',
    remedy: 'A note stands in its place.',
    source: 'amazon-q.md §2.9 supportedInputTypes',
  },
  {
    name: 'unsupported-document',
    finds: 'A document is not text (a PDF, a link).',
    action: 'repair',
    remedy: 'A note with its title and kind stands in its place; the service has no way to receive it.',
    source: 'amazon-q.md §2.6',
  },
  {
    name: 'empty-tool-result',
    finds: 'A tool result is empty.',
    action: 'repair',
    remedy: 'A short text says that the tool returned nothing.',
    source: 'field-notes.md, 400 causes',
  },
  {
    name: 'foreign-block',
    finds: "A block belongs to the client's own provider (server tool calls and their results).",
    action: 'repair',
    remedy: 'Its text is sent, or nothing where it has none.',
    source: 'clients.md §1.5',
  },
  {
    name: 'foreign-signature',
    finds: 'Reasoning was signed or encrypted by another provider or for another model.',
    action: 'repair',
    remedy: 'The reasoning is left out of the history.',
    source: 'amazon-q.md §2.8',
  },
  {
    name: 'reasoning-dropped',
    finds:
      'Reasoning has no signature or no text, is a second one in its message, or was refused by the service before.',
    action: 'repair',
    remedy: 'The reasoning is left out of the history.',
    source: 'amazon-q.md §2.8',
  },
  {
    name: 'effort-clamped',
    finds: 'The model does not offer the reasoning effort that the client asks for.',
    action: 'repair',
    remedy: 'The nearest effort that it offers is asked for, the lower one of two.',
    source: 'amazon-q.md §2.8',
  },
  {
    name: 'sampling-unsupported',
    finds: 'The client sets temperature, top-p or top-k.',
    action: 'repair',
    remedy: 'They are not sent: the service has no such members.',
    source: 'amazon-q.md §2.7',
  },
  {
    name: 'output-format',
    finds: 'The client asks for JSON of a given schema; the service has no such member.',
    action: 'repair',
    remedy: 'The demand is written as an instruction in the current message.',
    source: 'amazon-q.md §2.4',
  },
  {
    name: 'large-string',
    finds: 'A single text or image is longer than 700,000 characters.',
    action: 'note',
    remedy: 'It is sent as it is; the service may answer that the input is too long.',
    source: 'amazon-q.md §2.5',
  },
  {
    name: 'oversize',
    finds: 'One text, or the request without its images, is longer than the limit (10,000,000 characters).',
    action: 'refuse',
    remedy: 'The request is refused as too long, with both sizes.',
    source: 'amazon-q.md §2.4 content',
  },
  {
    name: 'nesting',
    finds: 'A value is nested more than 200 levels deep.',
    action: 'refuse',
    remedy: 'The request is refused, with the place.',
    source: 'Culvert: the stack of whoever reads the request is finite',
  },
  {
    name: 'no-messages',
    finds: 'The request has no messages.',
    action: 'refuse',
    remedy: 'The request is refused: there is nothing to answer.',
    source: 'amazon-q.md §2.4 currentMessage',
  },
  {
    name: 'model-form',
    finds: 'The model id has characters that the service does not allow.',
    action: 'refuse',
    remedy: 'The request is refused.',
    source: 'amazon-q.md §2.4 modelId',
  },
] as const satisfies readonly LintRule[]
