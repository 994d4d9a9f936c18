// A process that holds idle websockets open, for memory.test.ts: the server's process must not hold both ends.

import { WebSocket } from 'ws'

const [url = '', token = '', count = '0', query = ''] = process.argv.slice(2)

function hold(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['graphql-transport-ws'])
    socket.on('error', reject)
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }))
    })
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data))
      if (type === 'pong') resolve()
      if (type !== 'connection_ack') return
      if (query) socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }))
      socket.send(JSON.stringify({ type: 'ping' }))
    })
  })
}

for (let left = Number(count); left > 0; left -= 100) {
  await Promise.all(Array.from({ length: Math.min(left, 100) }, hold))
}
process.send?.('ready')
