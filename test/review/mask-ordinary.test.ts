// What looks like a secret and is none has to stay readable: support works with it.

import { describe, expect, it } from 'vitest'
import { maskSecrets } from '../../src/review/mask.ts'
import { base64, hex, letters, lines, pem } from './mask-support.ts'

const IDENTIFIERS = [
  `commit ${hex(40)} broke it, ${hex(7)} was fine`,
  `sha256:${hex(64)}`,
  `image: registry.example.com/shop/web@sha256:${hex(64)}`,
  `imageID: docker-pullable://nginx@sha256:${hex(64)}`,
  `containerID: containerd://${hex(64)}`,
  `md5 ${hex(32)}, sha512 ${hex(128)}`,
  'uid: 550e8400-e29b-41d4-a716-446655440000',
  'X-Request-Id: 550e8400-e29b-41d4-a716-446655440000',
  `traceparent: 00-${hex(32)}-${hex(16)}-01`,
  `etag: "${hex(32)}"`,
  'resourceVersion: "123456789"',
  'pod/web-7d4b9c6f5-x2x8z on node ip-10-0-12-7.eu-west-1.compute.internal',
  'event web-0.17a3b2c4d5e6f708 and token rotation of mypod1.17a3b2c4d5e6f708',
  `kubeadm join 10.0.0.1:6443 --discovery-token-ca-cert-hash sha256:${hex(64)}`,
  `certificate-authority-data: ${base64(pem('CERTIFICATE'))}`,
  `client-certificate-data: ${base64(pem('CERTIFICATE'))}`,
  pem('CERTIFICATE'),
  pem('PUBLIC KEY'),
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letters(40)} me@laptop`,
  `log in base64: ${base64('2026-10-01 INFO started the shop in 3.2 seconds and is fine')}`,
  'arn:aws:iam::123456789012:role/eks-node',
  'fe80::42:acff:fe11:2%eth0 and 2001:db8:85a3::8a2e:370:7334 and 2001:0db8:85a3:0000:0000',
  '/usr/local/lib/Node/modules/Shop/server/v2/dist',
  'https://example.com:8443/a?b=c@d&page=2#x and ssh user@host:22 and git@github.com:org/repo.git',
  'https://example.com/login?redirect=/home&lang=en&session_state=none',
  'registry:5000/app@sha256:abc and http://host:8080/path@v2',
  'me@example.com: see http://a:8080/ and mail to you@example.com',
  'npm ERR! npm_lifecycle_event and npm_config_registry',
  'table dw_orders_by_day_2026_partition_table is empty',
  'AKIA is the prefix, sk-something is another',
]

const MANIFESTS = [
  'secretName: my-tls',
  'imagePullSecrets:\n- name: regcred',
  'imagePullSecret: regcred',
  'secretKeyRef: {name: db, key: password}',
  'secretKeyRef:\n  name: shop\n  key: password',
  'env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password',
  'tokenExpirationSeconds: 3600',
  'passwordSecretRef:\n  name: db\n  key: password',
  'existingSecret: db-credentials-v2',
  'secret: my-app-secret-v2',
  'secret: shop/db-credentials',
  'secrets:\n- name: default-token-x7k2p',
  'secret:\n  secretName: web-tls-2026',
  'volumes: [{"name": "tls", "secret": {"secretName": "web-tls", "optional": false}}]',
  'password: ""',
  "password: ''",
  'password: null',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what people paste
  'password: ${PASSWORD}',
  'password: {{ .Values.auth.password | quote }}',
  'password: "{{ .Values.auth.password }}"',
  'password=$DB_PASSWORD',
  'password: <redacted>',
  'password: ********',
  'password: xxxxx',
  'token: "REDACTED"',
  'automountServiceAccountToken: false',
  'rules:\n- apiGroups: [""]\n  resources: ["secrets"]\n  verbs: ["get", "list"]\n  resourceNames: ["db-password"]',
  'kind: ConfigMap\ndata:\n  colour: blue\n  size: "12"',
  'kind: SecretProviderClass\nspec:\n  parameters:\n    objects: |\n      - objectName: db',
  'kind: SealedSecret\nspec:\n  encryptedData:\n    user: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq',
  'kind: ExternalSecret\nspec:\n  data:\n  - secretKey: password\n    remoteRef: {key: prod/db, property: password}',
  'kind: Secret\nmetadata:\n  name: db\n  labels: {app: shop}\ntype: Opaque',
  'key: value\nkeys:\n- a\n- b\npublicKey: abc',
  'api-key-header: X-Api-Key',
  'tls.key: 1704 bytes\npassword:  12 bytes',
  'variable "password" {\n  type      = string\n  sensitive = true\n}',
  'password = var.db_password\ntoken = data.vault_generic_secret.x.data["token"]\nsecret = local.secret',
  'password = random_password.db.result',
  "password = os.environ['DB_PASSWORD']\ntoken = process.env.TOKEN\nsecret = getSecret(name)",
  'secretRef = "projects/x/secrets/db"',
  'private key: /etc/ssl/key.pem',
  'ssl_certificate_key /etc/nginx/tls.key;\nclient-key: /home/me/.kube/client.key',
  'db_password_file: /run/secrets/db_password',
  'PASSWORD_FILE=/run/secrets/db\nTOKEN_TTL=24h\nMAX_TOKENS=4096\nPWD=/home/me\nSSH_AUTH_SOCK=/tmp/x',
  'tokenFile: C:\\Users\\me\\token.txt',
  'security: [{bearerAuth: []}]',
  'function login(password: string, token?: string): Promise<void>',
  'if (token == null || password === undefined) throw new Error(token.message)',
  'pass: true\ncompass: north\nbypass: all',
]

const PROSE = [
  'the password reset page',
  'token expired',
  'my token: expired',
  'password is incorrect',
  'The password is wrong and the token is missing.',
  'the token is not valid for this cluster',
  'password: the reset page says that it expired',
  'Password: 2 attempts left',
  'Password policy: 12 characters',
  'password authentication failed for user "app"',
  'FATAL: password authentication failed for user "app" (SQLSTATE 28P01)',
  "Access denied for user 'app'@'10.0.0.7' (using password: YES)",
  'api key: where do I find it?',
  'The access key: which one?',
  'invalid token: unexpected end of input',
  'invalid token: expected 3 parts, got 1',
  'Unexpected token } in JSON at position 42',
  'SyntaxError: Unexpected token: punc (})',
  'secret "db-credentials" not found',
  'Error: secrets "db-creds-7f8g9" is forbidden: User "app" cannot get resource "secrets"',
  'Secret: not found',
  'MountVolume.SetUp failed for volume "secret" : secret "db" not found',
  'MountVolume.SetUp failed for volume "kube-api-access-x7k2p" : failed to fetch token: timed out after 30s',
  'kubectl get secret -n prod db-creds -o yaml',
  'kubectl create token build --duration 24h',
  'kubeadm token create --token-ttl 24h --print-join-command',
  'x509: certificate signed by unknown authority',
  '--password <password> --token YOUR_TOKEN',
  'run it with -p 8080:80 and docker run -u 1000:1000 app',
  'Authorization: required',
  'authorization: the header is missing',
  'Bearer token was rejected by the gateway',
  'Bearer authentication with a certificate works',
  'Basic troubleshooting steps were taken',
  'basic auth: enabled',
  'cookie: must be set',
  'cookies are blocked by the browser',
  'Wir haben die Passwörter geändert, das Passwort ist abgelaufen.',
  'Das Passwort wird nicht akzeptiert, obwohl das Kennwort stimmt.',
  'le mot de passe est incorrect',
  'la contraseña es incorrecta',
  'password must have 8 characters, password2 is not allowed',
  'we hash passwords with bcrypt and tokens with sha256',
  'the field `DB_PASSWORD` is empty, and so is `password`',
  'The “password” field stays empty',
  'token: https://docs.example.com/tokens',
  'password (see above) is not accepted',
  'secret: (none)',
  'API tokens: 3 of 10 used',
  'token bucket: 100 requests',
  'max_tokens: 4096, completion_tokens=128, total tokens: 1234567',
  'credentials: none found',
  'login: ok / password: ok',
]

const OUTPUT = [
  '--- PASS: TestReconcileDeployment (0.01s)\n--- FAIL: TestToken (0.00s)\nPASS: 12, FAIL: 1',
  lines`
    NAME                  TYPE                DATA   AGE
    db-creds              Opaque              2      12d
    sh.helm.release.v1.web.v3   helm.sh/release.v1  1   3d
    default-token-x7k2p   kubernetes.io/service-account-token   3   1y`,
  lines`
    NAME    CPU(cores)   CPU%   MEMORY(bytes)   MEMORY%
    node-1  250m         12%    3456Mi          44%`,
  lines`
    Mounts:
      /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-x7k2p (ro)
    Volumes:
      TokenExpirationSeconds:  3607
      SecretName:  web-tls
    QoS Class:  Burstable`,
  lines`
    panic: runtime error: invalid memory address or nil pointer dereference
    goroutine 1 [running]:
    main.(*TokenSource).Token(0xc0000b4000, {0x1234abcd, 0x5})
      /app/internal/token/token.go:42 +0x1d
    at com.shop.auth.TokenFilter.doFilter(TokenFilter.java:87)
    at Object.<anonymous> (/app/src/secret.ts:10:5)`,
  'http_requests_total{method="GET",code="200",handler="/api/token"} 1027 1395066363000',
  '*/5 * * * * /usr/local/bin/rotate-token >/dev/null 2>&1',
  '2026-10-01T10:00:00.123Z INFO token refreshed key=orders:123 user=app took=12ms',
  'I1001 10:00:00.000000 1 token_manager.go:123] Token for shop/default refreshed',
  '10.0.0.1 - - [01/Oct/2026:10:00:00 +0000] "GET /api/v1/secrets?limit=500 HTTP/1.1" 200 1234 "-" "curl/8.5.0"',
  'go: github.com/x/y@v1.2.3 h1:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO12=',
  '"integrity": "sha512-B/udqfk9mShYI6zarpSlpXIgXvBj3VtRCG8Svm6EYerOViEFhDs6Yy9dm5rHB4ZgoP9Ru2fVn+jJGVvMs+yLXg=="',
  'curl -s -o /dev/null -w "%{http_code}" -u "$USER:$PASSWORD" https://x',
  'curl -H "Authorization: Bearer $TOKEN" https://x',
  'echo "hello" | tee out.txt && mysql -u root -p shop',
  'ssh -p 2222 root@10.0.0.1 and mkdir -p /var/lib/x and tar -pxf a.tar',
]

describe('maskSecrets on what is no secret', () => {
  it.each([...IDENTIFIERS, ...MANIFESTS, ...PROSE, ...OUTPUT])('leaves %j alone', (text) => {
    expect(maskSecrets(text)).toBe(text)
  })
})
