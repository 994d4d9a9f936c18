// Attaching files as clients do, by either door.

import { type GraphQLAnswer, type RestAnswer, TICKETS } from './app.ts'

export interface File {
  name: string
  bytes: Uint8Array<ArrayBuffer> | string
  /** What the client says it is. */
  type?: string
}

type Json = Record<string, unknown>
type Headers = Record<string, string>

const blobOf = ({ bytes, type = 'application/octet-stream' }: File) => new Blob([bytes], { type })

/** POST …/attachments, with the file in the part `file`. */
export async function uploadByRest(
  app: { url: string },
  headers: Headers,
  ticketId: string,
  file: File,
): Promise<RestAnswer> {
  const form = new FormData()
  form.set('file', blobOf(file), file.name)
  const path = `${TICKETS}/${ticketId}/attachments`
  const response = await fetch(app.url + path, { method: 'POST', headers, body: form })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** `uploadAttachment` by the GraphQL multipart request specification; `selection` is of the union of its results. */
export async function uploadByGraphQL(
  app: { url: string },
  headers: Headers,
  ticketId: string,
  file: File,
  selection = '... on UploadAttachmentPayload { attachment { id } } ... on Error { code message }',
): Promise<GraphQLAnswer<{ uploadAttachment: Json }>> {
  const query = `mutation ($id: ID!, $file: Upload!) { uploadAttachment(ticketId: $id, file: $file) { ${selection} } }`
  const form = new FormData()
  form.set('operations', JSON.stringify({ query, variables: { id: ticketId, file: null } }))
  form.set('map', JSON.stringify({ 0: ['variables.file'] }))
  form.set('0', blobOf(file), file.name)
  const response = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: form })
  const { data = null, errors = [] } = (await response.json()) as Json
  return { status: response.status, data, errors } as GraphQLAnswer<{ uploadAttachment: Json }>
}
