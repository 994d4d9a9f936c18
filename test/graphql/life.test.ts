// The main job over GraphQL: review, file, follow, answer, resolve and close, as a dashboard and a customer see it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { graphql } from '../generated/gql.ts'
import { ask, bearer, type TestApp, testApp } from '../support/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

const Review = graphql(`
  mutation Review($input: ReviewTicketInput!) {
    reviewTicket(input: $input) {
      ... on ReviewTicketPayload {
        review {
          id
          revision
          quality
          reviewer
          enrichment { summary severity category }
          qualityFlags { code message }
          clarifyingQuestions { id text answer }
          duplicateCandidates { summary confidence }
          recommendedAction
          ticket { id }
        }
      }
      ... on Error { code message }
    }
  }
`)

const Create = graphql(`
  mutation Create($input: CreateTicketInput!) {
    createTicket(input: $input) {
      ... on CreateTicketPayload {
        created
        ticket { id number status version severity category source createdBy { type label } review { ticket { id } } }
      }
      ... on Error { code message }
      ... on InputError { fields { path code message } }
      ... on ReviewRequiredError { review { id quality } }
    }
  }
`)

const draft = {
  subject: 'Nodes of prod go NotReady after the upgrade to 1.31.2',
  description:
    'Since 08:10 this morning three of five workers of prod are NotReady. It began with the upgrade from 1.30.6 ' +
    'to 1.31.2. The kubelet says: "failed to run Kubelet: unable to determine runtime API version". To reproduce: ' +
    'restart the kubelet on worker-3. All 40 pods of the shop are pending.',
}

describe('the life of a ticket', () => {
  it('is reviewed, filed from the review, answered, resolved, reopened and closed', async () => {
    const customer = bearer(app.acme.token)
    const team = await app.team.tess.signIn()

    const { reviewTicket } = await ask(app, customer, Review, { input: draft })
    if (!('review' in reviewTicket)) throw new Error(JSON.stringify(reviewTicket))
    expect(reviewTicket.review).toMatchObject({ revision: 1, quality: 'PASS', reviewer: 'local', ticket: null })

    const input = { reviewId: reviewTicket.review.id, severity: 'HIGH' as const }
    const { createTicket } = await ask(app, customer, Create, { input })
    if (!('ticket' in createTicket)) throw new Error(JSON.stringify(createTicket))
    const { ticket } = createTicket
    expect(ticket).toMatchObject({ number: 1, status: 'OPEN', version: 1, severity: 'HIGH', source: 'API' })
    expect(ticket.createdBy).toEqual({ type: 'CUSTOMER', label: 'Acme monitoring' })
    expect(ticket.review?.ticket?.id).toBe(ticket.id)

    const again = await ask(app, customer, Create, { input })
    expect(again.createTicket).toMatchObject({ created: false, ticket: { id: ticket.id } })

    const update = (variables: object) =>
      ask(
        app,
        team,
        `mutation ($input: UpdateTicketInput!) { updateTicket(input: $input) {
          ... on UpdateTicketPayload { ticket { status version teamVersion assignee { name } isTrackedByTeam } }
          ... on Error { code message } } }`,
        { input: { ticketId: ticket.id, ...variables } },
      )
    expect(await update({ status: 'IN_PROGRESS', assigneeId: app.team.tess.id })).toEqual({
      updateTicket: {
        ticket: {
          status: 'IN_PROGRESS',
          version: 2,
          teamVersion: 2,
          assignee: { name: 'Tess' },
          isTrackedByTeam: true,
        },
      },
    })
    expect(await update({ status: 'OPEN' })).toEqual({
      updateTicket: {
        code: 'INPUT',
        message: 'This ticket is in progress; it may move to: triaging, waiting customer, resolved, closed.',
      },
    })
    await update({ status: 'RESOLVED' })

    const comment = `mutation ($id: ID!, $body: String!) { addComment(input: { ticketId: $id, body: $body }) {
      ... on AddCommentPayload { comment { body author { type label } } ticket { status resolvedAt } }
      ... on Error { code message } } }`
    expect(await ask(app, customer, comment, { id: ticket.id, body: 'It is back, on worker-4.' })).toEqual({
      addComment: {
        comment: { body: 'It is back, on worker-4.', author: { type: 'CUSTOMER', label: 'Acme monitoring' } },
        ticket: { status: 'IN_PROGRESS', resolvedAt: null },
      },
    })
    await ask(app, customer, `mutation ($id: ID!) { closeTicket(input: { ticketId: $id }) { __typename } }`, {
      id: ticket.id,
    })

    const story = await ask<{ ticket: { events: { nodes: object[] }; comments: { nodes: object[] } } }, object>(
      app,
      customer,
      `query ($id: ID!) { ticket(id: $id) {
        comments { nodes { author { type } body } }
        events { nodes { __typename ticketVersion actor { label } ... on TicketStatusChanged { from to }
          ... on TicketUpdated { changes { field from to } } } } } }`,
      { id: ticket.id },
    )
    expect(story.ticket.events.nodes).toEqual([
      { __typename: 'TicketCreated', ticketVersion: 1, actor: { label: 'Acme monitoring' } },
      {
        __typename: 'TicketStatusChanged',
        ticketVersion: 2,
        actor: { label: 'Tess' },
        from: 'OPEN',
        to: 'IN_PROGRESS',
      },
      {
        __typename: 'TicketUpdated',
        ticketVersion: 2,
        actor: { label: 'Tess' },
        changes: [{ field: 'IS_TRACKED_BY_TEAM', from: 'false', to: 'true' }],
      },
      {
        __typename: 'TicketStatusChanged',
        ticketVersion: 3,
        actor: { label: 'Tess' },
        from: 'IN_PROGRESS',
        to: 'RESOLVED',
      },
      { __typename: 'CommentAdded', ticketVersion: 4, actor: { label: 'Acme monitoring' } },
      { __typename: 'CommentAdded', ticketVersion: 4, actor: { label: 'Acme monitoring' } },
      {
        __typename: 'TicketStatusChanged',
        ticketVersion: 4,
        actor: { label: 'Acme monitoring' },
        from: 'RESOLVED',
        to: 'IN_PROGRESS',
      },
      { __typename: 'CommentAdded', ticketVersion: 5, actor: { label: 'Acme monitoring' } },
      {
        __typename: 'TicketStatusChanged',
        ticketVersion: 5,
        actor: { label: 'Acme monitoring' },
        from: 'IN_PROGRESS',
        to: 'CLOSED',
      },
    ])
    expect(story.ticket.comments.nodes).toEqual([
      { author: { type: 'SYSTEM' }, body: 'Reopened by a reply' },
      { author: { type: 'CUSTOMER' }, body: 'It is back, on worker-4.' },
      { author: { type: 'SYSTEM' }, body: 'Closed by Acme monitoring' },
    ])
  })
})
