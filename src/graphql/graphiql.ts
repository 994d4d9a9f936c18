// The page at /graphql to try the API on: GraphiQL, from the package and not from another host.

const FIRST_QUERY = `# Deskwire's API. Ctrl-Space completes, Ctrl-Enter runs;
# the book on the left is the documentation.
#
# Send an API token: open "Headers" below and write
#   { "Authorization": "Bearer dw_…" }
# The demonstration's tokens are in .data/demo.json.

query FirstLook {
  viewer {
    name
    isTeam
    organisation { name }
  }
  tickets(first: 5, filter: { status: [OPEN] }) {
    totalCount
    nodes {
      number
      subject
      status
      severity
      cluster { name }
      comments(last: 1) {
        totalCount
        nodes { author { label } body }
      }
    }
  }
}

# mutation Comment($ticketId: ID!) {
#   addComment(input: { ticketId: $ticketId, body: "It works again, thank you." }) {
#     ... on AddCommentPayload { ticket { number status version } }
#     ... on Error { code message }
#   }
# }
`

let page: Promise<string> | null = null

/** Nine megabytes that most processes never send: made when first asked for. */
export function graphiqlPage(): Promise<string> {
  page ??= import('@graphql-yoga/render-graphiql').then(({ renderGraphiQL }) =>
    renderGraphiQL({ title: 'Deskwire', defaultQuery: FIRST_QUERY, isHeadersEditorEnabled: true }),
  )
  return page
}
