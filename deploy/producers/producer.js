// Pushes a job for Penstock onto a Redis list, waits up to 30 s for its end and prints it, as JSON.
//
//     node producer.js FLOW SESSION INPUT_JSON [QUEUE]
//     node producer.js greet user-123 '{"name": "Ada"}'
//
// Needs redis 4 or later (npm install redis, Debian's node-redis). PENSTOCK_REDIS_URL says where Redis is (redis://host:port/db,
// redis+unix:///path.sock), PENSTOCK_PREFIX what its keys begin with. Ends with 0 if the job is done, otherwise with 1.

const { randomUUID } = require('crypto')
const { createClient } = require('redis')

const [flow, session, input, queue = 'default'] = process.argv.slice(2)
const { PENSTOCK_PREFIX: prefix = 'penstock:', PENSTOCK_REDIS_URL: url = 'redis://127.0.0.1:6379/0' } = process.env

async function main() {
  const path = url.startsWith('redis+unix://') && url.slice('redis+unix://'.length)
  const server = createClient(path ? { socket: { path } } : { url })
  await server.connect()

  const job = { flow, id: randomUUID(), session_id: session, input: JSON.parse(input) }
  await server.lPush(`${prefix}queue:${queue}`, JSON.stringify(job))

  const ended = `${prefix}ended:${job.id}`
  const notice = await server.blMove(ended, ended, 'RIGHT', 'RIGHT', 30) // reads it and leaves it there, for others that wait
  await server.quit()
  if (notice === null) throw new Error(`job ${job.id} has not ended within 30 s`)
  console.log(notice)
  process.exitCode = JSON.parse(notice).status === 'done' ? 0 : 1
}
main()
