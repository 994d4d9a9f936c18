// What may be attached, by the type that is found when looking into the file.

/** Logs, texts, archives of them, pictures and recordings of a screen. */
export const CONTENT_TYPES: readonly string[] = [
  'text/plain',
  'text/csv',
  'application/json',
  'application/yaml',
  'application/pdf',
  'application/gzip',
  'application/zip',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'video/mp4',
  'video/webm',
]
