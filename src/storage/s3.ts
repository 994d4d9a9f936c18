// Attachments in a bucket of S3 or of a service that speaks its protocol.

import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { S3Driver } from 'flydrive/drivers/s3'
import { StartError } from '../config.ts'
import type { SpooledFile } from './spool.ts'
import { type AttachmentStore, type ByteRange, checkKey, checkRange, unavailable } from './store.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** Without a byte in either direction. */
const IDLE_TIMEOUT_MS = 30_000
/** The SDK's own 50 would let as many slow downloads keep everybody else waiting. */
const agent = { maxSockets: 1_000 }

/** The SDK would write to the console, between the lines of our log. What fails is told by who called. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

interface Bucket {
  client: S3Client
  driver: S3Driver
  name: string
  /** Empty, or ends with a slash. */
  prefix: string
}

/**
 * `url` as in ATTACHMENTS_URL: `s3://bucket/prefix?region=…&endpoint=…`. Credentials come from where the AWS SDK looks
 * for them (AWS_ACCESS_KEY_ID and so on). Nothing is asked of the bucket yet. Throws a StartError without a region.
 */
export async function openS3Store(url: string, spoolDir: string): Promise<AttachmentStore> {
  const bucket = bucketOf(new URL(url))
  await bucket.client.config.region().catch((cause) => {
    throw new StartError('ATTACHMENTS_URL names no region: add ?region=…, or set AWS_REGION.', { cause })
  })

  return {
    spoolDir,
    // The SDK does not send a stream again, so that a kept connection which the server closes would fail an upload.
    put: (key, file) => call(key, () => send(bucket, key, file).catch(() => send(bucket, key, file))),
    read: (key, range) => call(key, () => fetchObject(bucket, key, range)),
    remove: (key) => call(key, () => bucket.driver.delete(bucket.prefix + key).catch(unless('NoSuchKey', undefined))),
  }
}

function bucketOf(url: URL): Bucket {
  const endpoint = url.searchParams.get('endpoint') ?? undefined
  const region = url.searchParams.get('region') ?? (endpoint && 'us-east-1')
  const client = new S3Client({
    region,
    endpoint,
    forcePathStyle: endpoint !== undefined,
    maxAttempts: 2,
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
    // Many services know nothing of the SDK's trailing checksums: `send` gives its own.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const driver = new S3Driver({ client, bucket: url.hostname, visibility: 'private', supportsACL: false })
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '')
  return { client, driver, name: url.hostname, prefix: prefix && `${prefix}/` }
}

/** The service takes the object when all its bytes are there and have the checksum. */
async function send(bucket: Bucket, key: string, file: SpooledFile): Promise<void> {
  const bytes = createReadStream(file.path)
  try {
    await bucket.driver.putStream(bucket.prefix + key, bytes, {
      contentLength: file.sizeBytes,
      contentType: 'application/octet-stream',
      ChecksumSHA256: Buffer.from(file.sha256, 'hex').toString('base64'),
    })
  } finally {
    bytes.destroy()
  }
}

/** Past flydrive, whose streams know no ranges. */
async function fetchObject(bucket: Bucket, key: string, range: ByteRange | undefined): Promise<Readable | null> {
  checkRange(range)
  const Range = range && `bytes=${range.start}-${range.end}`
  const command = new GetObjectCommand({ Bucket: bucket.name, Key: bucket.prefix + key, Range })
  const answer = await bucket.client
    .send(command)
    .catch(unless('NoSuchKey', null))
    .catch(unless('InvalidRange', { Body: Readable.from([]) }))
  return answer && (answer.Body as Readable)
}

/** Faults of ours stay what they are. */
async function call<T>(key: string, ask: () => Promise<T>): Promise<T> {
  checkKey(key)
  return ask().catch((error) => {
    throw error instanceof RangeError ? error : unavailable(error)
  })
}

function unless<T>(name: string, value: T) {
  return (error: Error): T => {
    if (error.name === name) return value
    throw error
  }
}
