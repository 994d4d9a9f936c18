// What people paste from a cluster: manifests, kubeconfigs, what kubectl and kubeadm print.

import { describe, it } from 'vitest'
import { base64, expectMasked, hex, jwt, letters, lines, pem } from './mask-support.ts'

const key64 = base64(pem('RSA PRIVATE KEY'))
const certificate64 = base64(pem('CERTIFICATE'))

const SECRETS = {
  'the data of a Secret, whatever its keys are called': lines`
    apiVersion: v1
    kind: Secret
    metadata:
      name: db-credentials
      namespace: shop
    type: Opaque
    data:
      username: «YWRtaW4=»
      config.yaml: «dXNlcjogYWRtaW4K»
      # rotated in May
      "quoted": «"aHVudGVyMg=="»
    immutable: true`,
  'a Secret whose data comes before its kind, as kubectl prints it': lines`
    apiVersion: v1
    data:
      host: «ZGIuc2hvcA==»
      tls.crt: «LS0tLS1CRUdJTg==»
    kind: Secret
    metadata:
      creationTimestamp: "2026-10-01T10:00:00Z"
      name: db
      resourceVersion: "123456"
      uid: 550e8400-e29b-41d4-a716-446655440000`,
  'stringData, with a file in it': lines`
    kind: Secret
    apiVersion: v1
    stringData:
      user: «admin»
      url: «http://internal/x?y=z»
      settings.ini: |
        «[db]
        host = db

        pass = swordfish»
    metadata: {name: db}`,
  'a Secret among other objects, and not those': lines`
    apiVersion: v1
    items:
    - apiVersion: v1
      data:
        motd: aGVsbG8gd29ybGQ=
      kind: ConfigMap
      metadata:
        name: web
    - apiVersion: v1
      data:
        key: «aGVsbG8gd29ybGQ=»
      kind: Secret
      metadata:
        name: web
    kind: List`,
  'a Secret after a ConfigMap in one file': lines`
    kind: ConfigMap
    data:
      colour: blue
    ---
    kind: Secret
    data:
      colour: «Ymx1ZQ==»
    ---
    kind: ConfigMap
    data:
      colour: green`,
  'a Secret in a Markdown block, with tabs and CRLF':
    '```yaml\r\nkind: Secret\r\ndata:\r\n  a: «YWFh»\r\n```\r\nthanks',
  'a Secret quoted in a mail': '> kind: Secret\n> data:\n>   a: «YWFh»\n> metadata:\n>   name: x',
  'a Secret as JSON': lines`
    {
        "apiVersion": "v1",
        "data": {
            "password": "«aHVudGVyMg==»",
            "user": "«YWRtaW4=»"
        },
        "kind": "Secret",
        "metadata": { "name": "db", "resourceVersion": "12" }
    }`,
  'JSON on one line, kind first': '{"kind":"Secret","metadata":{"name":"db"},"data":{"a":"«YQ==»","b":"«Yg==»"}}',
  'a JSON list of a Secret and a ConfigMap':
    '{"items":[{"data":{"a":"«YQ==»"},"kind":"Secret"},{"data":{"a":"YQ=="},"kind":"ConfigMap"}],"kind":"List"}',
  'what kubectl apply noted of a Secret': lines`
    metadata:
      annotations:
        kubectl.kubernetes.io/last-applied-configuration: |
          {"apiVersion":"v1","kind":"Secret","stringData":{"user":"«admin»","n":"«x y»"},"type":"Opaque"}
      name: db`,
  'the same within JSON': lines`
    "last-applied-configuration": "{\"kind\":\"Secret\",\"stringData\":{\"user\":\"«admin»\"}}\n",
    "name": "db"`,
  'a Secret cut off at its end': 'kind: Secret\ndata:\n  a: «YWFhYQ==»\n  b: «YmJi»',
  'a Secret in one line of YAML': 'kind: Secret\nstringData: {user: «admin», pin: «"1 2, 3"»}\ntype: Opaque',
  'a docker configuration in base64': `.dockerconfigjson: «${base64('{"auths":{"r.io":{"auth":"dTpw"}}}')}»`,
  'a key in base64': `tls.key: «${key64}»`,
  'a kubeconfig': lines`
    apiVersion: v1
    kind: Config
    clusters:
    - cluster:
        certificate-authority-data: ${certificate64}
        server: https://10.0.0.1:6443
      name: prod
    users:
    - name: admin
      user:
        client-certificate-data: ${certificate64}
        client-key-data: «${key64}»
    - name: robot
      user:
        token: «${letters(40)}»
    - name: basic
      user:
        username: admin
        password: «swordfish»`,
  'a kubeconfig with a provider and a plugin': lines`
    users:
    - name: oidc
      user:
        auth-provider:
          config:
            client-id: kubernetes
            client-secret: «${letters(24)}»
            id-token: «${jwt}»
            refresh-token: «${letters(30)}»
            access-token: «abcdefgh-1»
          name: oidc
    - name: exec
      user:
        exec:
          command: aws
          args: [eks, get-token, --cluster-name, prod]
          env:
          - name: AWS_SECRET_ACCESS_KEY
            value: «${letters(40)}»
          - name: AWS_PROFILE
            value: prod`,
  'a kubeconfig as JSON': `{"users":[{"name":"a","user":{"client-key-data":"«${key64}»","token":"«abcdefgh1»"}}]}`,
  'the environment of a container': lines`
    env:
    - name: DB_PASSWORD
      value: «hunter2»
    - name: LOG_LEVEL
      value: debug
    - name: API_TOKEN
      value: "«abc def»"
    - name: CLIENT_SECRET
      valueFrom:
        secretKeyRef: {name: oauth, key: secret}`,
  'the environment as JSON': '"env":[{"name":"DB_PASSWORD","value":"«hunter2»"},{"name":"LEVEL","value":"debug"}]',
  'the environment with the value first': '"env":[{"value":"«hunter2»","name":"DB_PASSWORD"}]',
  'what kubectl describe prints of a pod': lines`
    Environment:
      DB_PASSWORD:  «hunter2»
      DB_USER:      app
      API_TOKEN:    <set to the key 'token' in secret 'api'>  Optional: false`,
  'what kubectl describe prints of a Secret': lines`
    Name:         default-token
    Type:  kubernetes.io/service-account-token

    Data
    ====
    ca.crt:     1066 bytes
    password:   12 bytes
    token:      «${jwt}»`,
  'a bootstrap token and a certificate key': lines`
    kubeadm join 10.0.0.1:6443 --token «abcdef.0123456789abcdef» \
      --discovery-token-ca-cert-hash sha256:${hex(64)} \
      --control-plane --certificate-key «${hex(64)}»`,
  'what kubeadm token list prints': lines`
    TOKEN                     TTL   EXPIRES
    «ab12cd.0123456789abcdef»   23h   2026-10-02T10:00:00Z`,
  'a node token of k3s': `K3S_TOKEN=«K10${hex(64)}::server:${hex(32)}» and «K10${hex(64)}::node:${hex(32)}»`,
  'an encryption configuration': lines`
    resources:
    - resources: [secrets]
      providers:
      - aescbc:
          keys:
          - name: key1
            secret: «${base64('0123456789abcdef0123456789abcdef')}»
      - identity: {}`,
  'kubectl create secret': lines`
    kubectl create secret generic db --from-literal=user=«admin» --from-literal=key1='«a b c»' -n shop
    kubectl create secret docker-registry r --docker-username=me --docker-password=«swordfish»
    kubectl create configmap web --from-literal=colour=blue`,
  'helm with values on the command line':
    'helm upgrade web ./web --set auth.password=«hunter2»,replicas=3 --set-string api.token=«abc12345» --set a=b',
  'the values of a chart': lines`
    postgresql:
      auth:
        postgresPassword: «swordfish» # change me
        existingSecret: my-db-secret
        secretKeys:
          adminPasswordKey: postgres-password
    redis:
      password: "«pass with \" quote»"`,
  'passwords over several lines': lines`
    password: |
      «swordfish»
    passphrase: >-
      «correct horse
      battery»
    user: admin`,
  'a machine configuration': lines`
    machine:
      token: «ab12cd.0123456789abcdef»
      ca:
        crt: ${certificate64}
        key: «${base64(pem('ED25519 PRIVATE KEY'))}»
    cluster:
      secret: «${base64(letters(32))}»
      aescbcEncryptionSecret: «${base64(letters(31))}»
      secretboxEncryptionSecret: «swordfish»`,
  'what vault prints on its start': lines`
    Unseal Key 1: «${letters(43)}=»
    Initial Root Token: «hvs.${letters(24)}»`,
  'a token of a login': `oc login --token=«sha256~${letters(43)}» --server=https://api.example.com:6443`,
  'a token of Rancher': `export RANCHER_TOKEN=«token-abcde:x1y2z3»; curl -u "«token-abcde:${hex(54)}»" https://x`,
  'a key of Ceph': `[client.admin]\n  key = «AQ${letters(36)}==»\n  caps mon = "allow *"`,
}

describe('maskSecrets on what comes from a cluster', () => {
  it.each(Object.entries(SECRETS))('takes the secrets, and nothing else, out of %s', (_, text) => expectMasked(text))
})
