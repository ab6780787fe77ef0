import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { accountSchema, accountTestSchema } from '../contract/account.ts'
import { batchResultSchema, plainExportSchema, sealedExportSchema } from '../contract/account-transfer.ts'
import { apiKeyCreatedSchema, apiKeySchema } from '../contract/api-key.ts'
import { contract } from '../contract/contract.ts'
import { errorBodySchema } from '../contract/errors.ts'
import { managementEventSchema } from '../contract/event.ts'
import { loginSchema } from '../contract/login.ts'
import { settingsViewSchema } from '../contract/procedures/settings.ts'
import { requestRecordSchema } from '../contract/request-log.ts'
import { statusSchema } from '../contract/status.ts'

const description = [
  'Everything that the console can do, a script can do: accounts, signing in, client keys, settings, the request log.',
  'Every call shows the admin token as Authorization: Bearer; client keys do not open it.',
].join(' ')

export type OpenAPIDocument = Readonly<Record<string, unknown>>

/** The OpenAPI 3.1 document of the management API, generated from the contract. */
export async function generateOpenAPIDocument(version: string): Promise<OpenAPIDocument> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(contract, {
    info: { title: 'Culvert management API', version, description },
    security: [{ adminToken: [] }],
    components: { securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } } },
    commonSchemas: {
      Account: { schema: accountSchema, strategy: 'output' },
      AccountTest: { schema: accountTestSchema, strategy: 'output' },
      ApiKey: { schema: apiKeySchema, strategy: 'output' },
      ApiKeyCreated: { schema: apiKeyCreatedSchema, strategy: 'output' },
      BatchResult: { schema: batchResultSchema, strategy: 'output' },
      Error: { schema: errorBodySchema, strategy: 'output' },
      Event: { schema: managementEventSchema, strategy: 'output' },
      Login: { schema: loginSchema, strategy: 'output' },
      PlainExport: { schema: plainExportSchema, strategy: 'output' },
      Request: { schema: requestRecordSchema, strategy: 'output' },
      SealedExport: { schema: sealedExportSchema },
      Settings: { schema: settingsViewSchema, strategy: 'output' },
      Status: { schema: statusSchema, strategy: 'output' },
    },
    customErrorResponseBodySchema: { $ref: '#/components/schemas/Error' },
  })
  const { openapi, ...rest } = document
  return {
    openapi,
    ...rest,
    paths: mapObject(document.paths ?? {}, (operations) => mapObject(operations ?? {}, withShortErrors)),
  }
}

/** All failures look the same, so two lines say it better than a dozen. */
function withShortErrors(operation: unknown): unknown {
  if (typeof operation !== 'object' || operation === null || !('responses' in operation)) return operation
  const responses = Object.entries(operation.responses ?? {}).filter(([status]) => status < '400')
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
  return {
    ...operation,
    responses: {
      ...Object.fromEntries(responses),
      '4XX': { description: "The call can't be answered as it is; the body says why.", content },
      '5XX': { description: 'Culvert or an upstream failed; the body says what to do.', content },
    },
  }
}

function mapObject<Member>(object: { readonly [name: string]: Member }, change: (member: Member) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([name, member]) => [name, change(member)]))
}
