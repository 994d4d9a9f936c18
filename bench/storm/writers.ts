// Writers over the API. Each sends one change after another, again after every kill until it is acknowledged, and
// remembers what it was told.

import { type Api, GaveUp } from './api.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'
import type { Place, World } from './world.ts'

/** A text that was sent once, under one idempotency key; it must be there exactly once when it was acknowledged. */
export interface Sent {
  kind: 'ticket' | 'comment'
  text: string
  acknowledged: boolean
}

/** A change of a ticket that was answered with this version. */
export interface Moved {
  ticketId: string
  teamVersion: number
}

/** What the writers know to be true. */
export interface Book {
  sent: Sent[]
  moved: Moved[]
}

export interface WriterOptions {
  name: string
  world: World
  api: Api
  random: Random
  tally: Tally
  book: Book
  /** The longest pause between two changes, in milliseconds. */
  pauseMs: number
  stopped: AbortSignal
}

const STATUSES = ['OPEN', 'TRIAGING', 'IN_PROGRESS', 'WAITING_CUSTOMER', 'RESOLVED', 'CLOSED']
const PATH = '/api/v1/org/support/tickets'
const TEAM_VERSION = 'ticket { id teamVersion }'

export async function runWriter(options: WriterOptions): Promise<void> {
  const { random, stopped, tally, name } = options
  for (let n = 1; !stopped.aborted; n++) {
    try {
      await writeOnce(options, `${name}.${n}`)
    } catch (error) {
      tally.fault(error instanceof GaveUp ? 'A writer was never answered' : 'A good request was refused', String(error))
    }
    await pause(random.between(0, options.pauseMs), stopped)
  }
}

async function writeOnce(options: WriterOptions, text: string): Promise<void> {
  const { random, world } = options
  const place = random.pick(world.organisations)
  const dice = random.next()
  if (dice < 0.1) return createTicket(options, place, text)
  const ticketId = chooseTicket(random, place)
  if (dice < 0.4) return customerComments(options, place, ticketId, text)
  if (dice < 0.6) return teamComments(options, ticketId, text, true)
  if (dice < 0.7) return teamComments(options, ticketId, text, false)
  const people = [...world.people, null]
  return dice < 0.85
    ? updateTicket(options, ticketId, text, { assigneeId: random.pick(people) })
    : updateTicket(options, ticketId, text, { status: random.pick(STATUSES) })
}

/** Half of all that happens, happens where most subscribers look. */
export const chooseTicket = (random: Random, { tickets }: Place): string =>
  random.chance(0.5) ? (tickets[0] as string) : random.pick(tickets)

/** Files a ticket; it joins those of the organisation. */
export async function createTicket({ api, random, tally, book }: Doing, place: Place, text: string): Promise<void> {
  const entry = noted(book, 'ticket', `Report ${text}`)
  const description = `Something is wrong with a part of ours that we call ${text}. Since today it fails.`
  const input = { subject: entry.text, description, acknowledged: true }
  const outcome = await mutate(api, random, 'createTicket', input, { token: place.token, key: text })
  if (acknowledge(tally, entry, outcome)) place.tickets.push(outcome.ticket.id)
}

type Doing = Pick<WriterOptions, 'api' | 'random' | 'tally' | 'book'>

async function customerComments(options: WriterOptions, place: Place, ticketId: string, text: string): Promise<void> {
  const { api, random, tally, book } = options
  const entry = noted(book, 'comment', `Comment ${text}`)
  const asked = { token: place.token, key: text }
  if (random.chance(0.5)) {
    const input = { ticketId, body: entry.text }
    acknowledge(tally, entry, await mutate(api, random, 'addComment', input, asked))
    return
  }
  const path = `${PATH}/${ticketId}/comments`
  const { status } = await api.rest(random, { path, body: { body: entry.text }, ...asked })
  entry.acknowledged = status === 200 || status === 201
  tally.add(entry.acknowledged ? 'acknowledged' : 'refused')
}

async function teamComments(
  { world, api, random, tally, book }: WriterOptions,
  ticketId: string,
  text: string,
  internal: boolean,
): Promise<void> {
  const entry = noted(book, 'comment', `${internal ? 'Note' : 'Answer'} ${text}`)
  const asked = { token: world.teamToken, key: text }
  const input = { ticketId, body: entry.text, internal }
  acknowledge(tally, entry, await mutate(api, random, 'addComment', input, asked))
}

async function updateTicket(
  { world, api, random, tally, book }: WriterOptions,
  ticketId: string,
  key: string,
  change: object,
): Promise<void> {
  const asked = { token: world.teamToken, key }
  const outcome = await mutate(api, random, 'updateTicket', { ticketId, ...change }, asked)
  tally.add(outcome.ticket ? 'acknowledged' : 'refused')
  const teamVersion = outcome.ticket?.teamVersion
  if (teamVersion) book.moved.push({ ticketId, teamVersion })
}

interface Outcome {
  ticket?: { id: string; teamVersion: number | null }
}

async function mutate(api: Api, random: Random, name: string, input: object, asked: { token: string; key: string }) {
  const Name = `${name[0]?.toUpperCase()}${name.slice(1)}`
  const query = `mutation ($input: ${Name}Input!) { outcome: ${name}(input: $input) {
    ... on ${Name}Payload { ${TEAM_VERSION} } ... on Error { message } } }`
  return (await api.graphql<{ outcome: Outcome }>(random, { query, variables: { input }, ...asked })).outcome
}

function noted({ sent }: Book, kind: Sent['kind'], text: string): Sent {
  const entry = { kind, text, acknowledged: false }
  sent.push(entry)
  return entry
}

function acknowledge(tally: Tally, entry: Sent, outcome: Outcome): outcome is Required<Outcome> {
  entry.acknowledged = outcome.ticket !== undefined
  tally.add(entry.acknowledged ? 'acknowledged' : 'refused')
  return entry.acknowledged
}

/** Ends early when everybody stops. */
export function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      stopped.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    stopped.addEventListener('abort', end)
  })
}
