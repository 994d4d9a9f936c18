import { describe, expect, it } from 'vitest'
import { maskedKinds, maskJson, maskSecrets } from '../../src/review/mask.ts'

// Put together here, so that no scanner takes this file for a leak.
const letters = (length: number) => 'aB3dE5gH7jK9'.repeat(30).slice(0, length)
const jwt = `eyJ${letters(20)}.eyJ${letters(40)}.${letters(43)}`
const awsSecret = `wJalr/${letters(33)}+`

/** The text, the part that must go, and a part that must stay. */
const SECRETS: [text: string, secret: string, kept: string][] = [
  [
    'our key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC\n-----END RSA PRIVATE KEY-----\nthanks',
    'MIIEowIBAAKC',
    'thanks',
  ],
  [`-----BEGIN OPENSSH PRIVATE KEY-----\n${letters(64)}\n${letters(50)}`, letters(64), ''],
  ['key: "-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----\\n"', 'MIIEvQ', 'key'],
  ['used AKIAIOSFODNN7EXAMPLE for the bucket', 'AKIAIOSFODNN7EXAMPLE', 'for the bucket'],
  [`aws_secret_access_key = ${awsSecret}`, awsSecret, 'aws_secret_access_key'],
  [`the AWS keys are ${awsSecret} and so on`, awsSecret, 'and so on'],
  [`git clone with ghp_${letters(36)} fails`, `ghp_${letters(36)}`, 'fails'],
  [`github_pat_${letters(50)}`, letters(50), ''],
  [`glpat-${letters(20)} is rejected`, letters(20), 'is rejected'],
  [`xoxb-123456789012-${letters(24)}`, letters(24), ''],
  [`https://hooks.slack.com/services/T000/B000/${letters(24)}`, letters(24), 'hooks.slack.com'],
  [`sk_live_${letters(24)}`, letters(24), ''],
  [`sk-ant-api03-${letters(40)}`, letters(40), ''],
  [`sk-proj-${letters(40)}`, letters(40), ''],
  [`npm_${letters(36)}`, letters(36), ''],
  [`I use the token dw_${letters(43)} in CI`, letters(43), 'in CI'],
  [`the session ${jwt} expired`, jwt, 'expired'],
  [`curl -H "Authorization: Bearer ${letters(30)}" https://x`, letters(30), 'https://x'],
  ['Authorization: Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz', 'Basic'],
  [`sent as bearer ${letters(24)}`, letters(24), 'sent as bearer'],
  ['postgres://app:hunter2@db:5432/shop refuses', 'hunter2', '@db:5432/shop refuses'],
  ['redis://:p@ss@cache:6379', 'p@ss', '@cache:6379'],
  ['password=hunter2 does not work', 'hunter2', 'does not work'],
  ['DB_PASSWORD=swordfish', 'swordfish', 'DB_PASSWORD'],
  ['password=$ecret1 and so on', '$ecret1', 'and so on'],
  ['Password: swordfish', 'swordfish', 'Password'],
  ['secret: s3cr3tvalue9', 's3cr3tvalue9', 'secret: '],
  ['psql --password swordfish -h db', 'swordfish', '-h db'],
  ['kubeadm join --token=abcdef.0123456789abcdef', '0123456789abcdef', '--token='],
  ['Server=db;User Id=sa;Password=Pa$$w0rd;Encrypt=true', 'Pa$$w0rd', 'Encrypt=true'],
  [`DefaultEndpointsProtocol=https;AccountKey=${letters(40)}==;`, letters(40), 'AccountKey='],
  ['{"user": "a", "password": "correct horse", "port": 1}', 'correct horse', '"port": 1'],
  ['{\\"api_key\\": \\"0123456789abcdef\\"}', '0123456789abcdef', 'api_key'],
  ['clientSecret: "abcDEFghi1"', 'abcDEFghi1', 'clientSecret'],
  ['X-Api-Key: 0f9e8d7c6b5a', '0f9e8d7c6b5a', 'X-Api-Key'],
  ['token: 550e8400-e29b-41d4-a716-446655440000', '550e8400', 'token'],
  ['client-key-data: LS0tLS1CRUdJTiBSU0E', 'LS0tLS1CRUdJTiBSU0E', 'client-key-data'],
  ['- name: DB_PASSWORD\n  value: hunter2', 'hunter2', 'DB_PASSWORD'],
  ['curl -u admin:hunter2 http://x', 'hunter2', 'admin'],
  ['mysql -uroot -phunter2 shop', 'hunter2', 'shop'],
  ['my password is hunter22, please check', 'hunter22', 'please check'],
  ['Passwort: Geheim', 'Geheim', 'Passwort'],
  ['<password>hunter2</password>', 'hunter2', '</password>'],
  ['> Cookie: session=abcdef123; theme=dark', 'abcdef123', 'Cookie'],
]

const ORDINARY = [
  'the password reset page',
  'token expired',
  'my token: expired',
  'password is incorrect',
  'password: the reset page says that it expired',
  'Password policy: 12 characters',
  'password authentication failed for user "app"',
  'api key: where do I find it?',
  'The access key: which one?',
  'invalid token: unexpected end of input',
  'secret "db-credentials" not found',
  'Secret: not found',
  'secret: db-credentials',
  'imagePullSecret: regcred',
  'secretName: my-tls',
  'secretKeyRef:\n  name: shop',
  'kubectl get secret -n prod',
  'max_tokens: 4096',
  'password=$DB_PASSWORD',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what people paste
  'password: ${PASSWORD}',
  '--password <password>',
  'password: ""',
  'token=null',
  'private key: /etc/ssl/key.pem',
  'Authorization: required',
  'Bearer token was rejected by the gateway',
  'Basic troubleshooting steps were taken',
  'basic auth: enabled',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'nginx@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  '550e8400-e29b-41d4-a716-446655440000',
  'pod/web-7d4b9c6f5-x2x8z on node ip-10-0-12-7.eu-west-1.compute.internal',
  'registry:5000/app@sha256:abc and http://host:8080/path@v2',
  'https://example.com:8443/a?b=c@d and ssh user@host:22',
  'docker run -u 1000:1000 app',
  'table dw_orders_by_day_2026_partition_table is empty',
]

describe('maskSecrets', () => {
  it.each(SECRETS)('takes the credential out of %j', (text, secret, kept) => {
    const masked = maskSecrets(text)
    expect(masked).not.toContain(secret)
    expect(masked).toMatch(/\[[a-z ]+ removed\]/)
    expect(masked).toContain(kept)
  })

  it.each(ORDINARY)('leaves %j alone', (text) => {
    expect(maskSecrets(text)).toBe(text)
  })

  it('masks nothing twice, and all of several in one text', () => {
    const all = SECRETS.map(([text]) => text).join('\n\n')
    const masked = maskSecrets(all)
    expect(maskSecrets(masked)).toBe(masked)
    for (const [, secret] of SECRETS) expect(masked).not.toContain(secret)
    for (const [text] of SECRETS) expect(maskSecrets(maskSecrets(text))).toBe(maskSecrets(text))
  })

  it('names what it took', () => {
    expect(maskedKinds(maskSecrets('password=hunter2 and password=hunter3'))).toEqual(['password'])
    expect(maskedKinds('nothing here')).toEqual([])
  })

  /** What each rule begins with, or nearly matches: repeated, it is the worst that a text can hold for it. */
  const PIECES = [
    ...['a', 'a-', 'a_', 'A1/', '--', '(', ' ', '\n', '"', '\\"', "'", '`', '{', '}', '[', '|', '\\', '=', ':', '/'],
    ...[
      'eyJ',
      'eyJaaaaaaaa.',
      'a://',
      'a://b:',
      '@',
      '://',
      '://a@',
      'postgres://a:b/',
      'jdbc:oracle:thin:a/',
      'a:b@tcp',
    ],
    ...['password', 'password=', 'password: ', 'password: |\n', 'password="', '--password', '--password ', 'pwd=\\"\\'],
    ...[
      'password is ',
      'password for a ',
      'password (a) ',
      'password\n',
      'with password ',
      '| password | ',
      'a as password ',
    ],
    ...[
      'secret',
      'token:',
      'TOKEN_A=',
      'A_KEY=',
      'export A_KEY=',
      'api-key ',
      'x-api-key: ',
      'unseal key 1: ',
      'bearer',
    ],
    ...[
      'Bearer ',
      'basic ',
      'auth: ',
      'authorization:',
      'authorization: a ',
      'cookie: a=',
      'signature=',
      '?sig=',
      '?code=',
    ],
    ...['-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAA', '-----END PRIVATE KEY-----'],
    ...['AAAAAAAAAAAAAAAAAAAA\n', 'Private-Lines: 1\n', 'LS0tLS1CRUdJTi', 'eyJhdXRocyI6', 'AGE-SECRET-KEY-1', 'AKIA'],
    ...['ghp_', 'ghs_1_', 'ghs_1_a.', 'github_pat_', 'glpat-', 'xox', 'xoxb-1-', 'SG.', 'SG.a.', 'figd_', 'lin_api_'],
    ...[
      'sk-proj-',
      'sk-ant-api03-',
      'hvs.',
      'hvb.',
      'tskey-auth-',
      'ops_ey',
      'glc_',
      '.atlasv1.',
      'K10',
      'M',
      'abcdef.',
    ],
    ...[
      ' -u ',
      ' -ua:',
      'mysql ',
      'curl ',
      'echo a|',
      'docker login ',
      'ldapsearch ',
      'redis-cli ',
      '--from-literal=a=',
    ],
    ...['create secret ', 'htpasswd -b a ', 'login a ', 'login a password', '1.2.3.4:5432:a:b:', '$2a$', '<password>'],
    ...[
      'name: password\n',
      'name="password" ',
      '"value":"a","name":"',
      'variable "password" {',
      'encrypt="',
      'set password ',
    ],
    ...[
      'kind: Secret\n',
      'kind: Secret\ndata:\n',
      'data:\n ',
      '- data:\n',
      'a: |\n',
      '{"kind":"Secret","data":{',
      '"data":{',
    ],
    ...[
      '"kind": "Secret"',
      '"{\\"kind\\": ',
      '.data | base64 -d\n',
      'hooks.slack.com/services/',
      '[password removed]',
      '[token',
    ],
  ]

  it.each(PIECES)('takes linear time and bounded space on many of %j', (piece) => {
    const text = piece.repeat(Math.ceil(10_000 / piece.length))
    const masked = maskSecrets(text)
    expect(masked.length).toBeLessThanOrEqual(text.length * 4)
    expect(maskSecrets(masked)).toBe(masked)
    // Quadratic time would be sixteen times as much.
    expect(timeOf(text.repeat(4))).toBeLessThan(timeOf(text) * 10 + 60)
  })
})

/** Milliseconds of the processor, which other work on the machine does not lengthen. */
function timeOf(text: string): number {
  const runs = [1, 2].map(() => {
    const before = process.cpuUsage()
    maskSecrets(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  })
  return Math.min(...runs)
}

describe('maskJson', () => {
  it('masks texts anywhere, and whatever stands under the name of a secret', () => {
    const value = {
      url: 'postgres://app:hunter2@db/shop',
      password: 'swordfish',
      nested: [{ apiKey: 'k', API_TOKEN: 't', 'client-secret': 's', pin: 1234 }],
      secretName: 'my-tls',
      tokens: 3,
      monkey: 'banana',
      token: null,
    }
    expect(maskJson(value)).toEqual({
      url: 'postgres://app:[password removed]@db/shop',
      password: '[secret removed]',
      nested: [
        { apiKey: '[secret removed]', API_TOKEN: '[secret removed]', 'client-secret': '[secret removed]', pin: 1234 },
      ],
      secretName: 'my-tls',
      tokens: 3,
      monkey: 'banana',
      token: null,
    })
    expect(maskJson(maskJson(value))).toEqual(maskJson(value))
    expect(value.password).toBe('swordfish')
  })
})

describe('maskJson on what an agent says of a cluster', () => {
  it('removes what a Secret holds, and keeps what is said about it', () => {
    const secret = { kind: 'Secret', metadata: { name: 'db' }, data: { key: 'YWRtaW4=' }, stringData: { a: 'b' } }
    const pod = {
      env: [
        { name: 'DB_PASSWORD', value: 'swordfish' },
        { name: 'TOKEN_TTL', value: '3600' },
        { name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } },
      ],
      volumes: [{ name: 'tls', secret: { secretName: 'web-tls', optional: false } }],
      args: ['--password=swordfish', '--verbose'],
    }
    expect(maskJson({ secret, pod })).toEqual({
      // Under the name of a secret everything goes that does not describe it.
      secret: {
        ...secret,
        metadata: { name: 'db' },
        data: { key: '[secret removed]' },
        stringData: { a: '[secret removed]' },
      },
      pod: {
        env: [{ name: 'DB_PASSWORD', value: '[secret removed]' }, pod.env[1], pod.env[2]],
        volumes: pod.volumes,
        args: ['--password=[password removed]', '--verbose'],
      },
    })
  })

  it('masks the names too, and files that are quoted as texts', () => {
    expect(
      maskJson({
        'postgres://app:hunter2@db': 1,
        kubeconfig: 'users:\n- name: a\n  user:\n    token: abcd1234\n',
        headers: { Authorization: 'Bearer swordfish', Cookie: 'a', Accept: '*/*' },
        connectionString: 'Server=db;Password=swordfish',
      }),
    ).toEqual({
      'postgres://app:[password removed]@db': 1,
      kubeconfig: 'users:\n- name: a\n  user:\n    token: [secret removed]\n',
      headers: { Authorization: '[secret removed]', Cookie: '[secret removed]', Accept: '*/*' },
      connectionString: 'Server=db;Password=[password removed]',
    })
  })
})
