// What goes out on a websocket. Nobody waits for a socket that takes everything; one that does not is given no more
// events until it has, and is cut when it never does.

import type { ExecutionResult } from 'graphql'
import type { WebSocket } from 'ws'
import type { Feed } from '../events/feed.ts'

/** Events wait while a socket has this much to take yet. */
const PAUSED_BYTES = 64 * 1024
/** Answers cannot wait, so one that asks and does not read is cut. */
const MAX_BUFFERED_BYTES = 1024 * 1024
export const TERMINATE_MS = 5000
/** Connect again, and resume: graphql-ws's client does. */
export const SLOW = 1013

export function send(socket: WebSocket, data: string): void {
  if (socket.readyState !== socket.OPEN) return
  socket.send(data)
  cutWhenFull(socket)
}

/** Also after what the protocol of websockets answers by itself: somebody may ping for ever and read nothing. */
export function cutWhenFull(socket: WebSocket): void {
  if (socket.readyState === socket.OPEN && socket.bufferedAmount > MAX_BUFFERED_BYTES) cut(socket)
}

/** Tells a socket that is not read, in case it ever is, and lets go of it. */
export function cut(socket: WebSocket): void {
  socket.close(SLOW, 'This connection is read too slowly: connect again, and resume.')
  setTimeout(() => socket.terminate(), TERMINATE_MS).unref()
}

/**
 * Sends the events of a feed past graphql-ws, which would make the JSON of each anew for every socket (measured: more
 * than sending it takes). To graphql-ws it is a stream without results, which ends when the feed does.
 */
export function sendingItself(
  socket: WebSocket,
  id: string,
  feed: Feed<ExecutionResult>,
): AsyncIterableIterator<never> {
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
  return {
    async next() {
      await feed.each((result) => sendEvent(socket, Buffer.concat([head, jsonOf(result)])))
      return { done: true, value: undefined }
    },
    async return() {
      await feed.return()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function sendEvent(socket: WebSocket, data: Buffer): void | Promise<void> {
  if (socket.readyState !== socket.OPEN) return
  if (socket.bufferedAmount <= PAUSED_BYTES) return socket.send(data, AS_TEXT)
  return new Promise((resolve) => socket.send(data, AS_TEXT, () => resolve()))
}

const AS_TEXT = { binary: false }
const texts = new WeakMap<ExecutionResult, Buffer>()

/** Made once for all who are sent the same result. */
function jsonOf(result: ExecutionResult): Buffer {
  const known = texts.get(result) ?? Buffer.from(`${JSON.stringify(result)}}`)
  texts.set(result, known)
  return known
}
