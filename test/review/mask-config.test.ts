// Files of settings and command lines that hold credentials.

import { describe, it } from 'vitest'
import { base64, expectMasked, hex, letters, lines, pem } from './mask-support.ts'

const SECRETS = {
  'an env file': lines`
    # database
    DB_HOST=db
    DB_PASS=«swordfish»
    DB_PASSWORD="«correct horse»"   # quoted
    export SMTP_PASSWORD='«it is secret»'
    JWT_SECRET=«letmein»
    SECRET_KEY_BASE=«${hex(64)}»
    APP_KEY=«base64:${letters(43)}=»
    PASSWORD1=«hunter»
    DB_PASSWORD_PROD=«hunter»
    API_TOKEN = «letmein»
    STRIPE_KEY=«${letters(30)}»
    PASSWORD_FILE=/run/secrets/db
    TOKEN_TTL=3600
    SECRET_NAME=my-secret
    PASSWORD_MIN_LENGTH=12
    CACHE_KEY=orders
    PUBLIC_KEY=abcdef`,
  'an env file from Windows': 'DB_PASSWORD=«hunter2»\r\nAPI_SECRET=«letmein»\r\nDEBUG=true\r\n',
  'a value that is never closed': 'PASSWORD="«hunter2 and»\nmore"',
  'a value with escaped quotes': 'password: "«pa\\"ss»"\nuser: x',
  'a YAML value with doubled quotes': "password: '«it''s me»'\nuser: x",
  'a compose file': lines`
    services:
      db:
        image: postgres:16
        environment:
          POSTGRES_USER: app
          POSTGRES_PASSWORD: «swordfish»
          POSTGRES_DB: shop
        # and in the other notation
      web:
        environment:
          - DB_PASSWORD=«swordfish»
          - LEVEL=info
        secrets:
          - db_password`,
  'a docker configuration': lines`
    {
      "auths": {
        "https://index.docker.io/v1/": {
          "auth": "«${base64('me:swordfish')}»",
          "identitytoken": "«${letters(30)}»"
        }
      },
      "credsStore": "desktop"
    }`,
  'docker login': 'docker login -u me -p «swordfish» registry.example.com',
  'a login through a pipe': "echo '«swordfish»' | docker login -u me --password-stdin r.io",
  Terraform: lines`
    variable "db_password" {
      type    = string
      default = "«swordfish»"
    }
    resource "aws_db_instance" "main" {
      username = "app"
      password = "«correct horse»"
      token    = var.token
      kms      = data.aws_kms_key.main.arn
    }
    set_sensitive {
      name  = "auth.password"
      value = "«swordfish»"
    }`,
  'the variables and the state of Terraform': lines`
    db_password = "«swordfish»"
    "attributes": { "password": "«swordfish»", "port": 5432, "private_key_pem": "«x\ny»" }`,
  'the variables of Ansible': lines`
    ansible_user: root
    ansible_ssh_pass: «swordfish»
    ansible_become_password: «{swordfish»
    vault_token: "{{ lookup('env', 'VAULT_TOKEN') }}"
    db_password: !vault |
      $ANSIBLE_VAULT;1.1;AES256
    web1 ansible_host=10.0.0.1 ansible_password=«swordfish» ansible_port=22`,
  'the credentials of AWS': lines`
    [default]
    aws_access_key_id = «AKIAIOSFODNN7EXAMPLE»
    aws_secret_access_key = «wJalr/${letters(33)}+»
    aws_session_token = «FwoGZXIvYXdz${letters(60)}//»
    region = eu-west-1`,
  'the credentials of AWS as JSON': lines`
    {"AccessKeyId": "«ASIAIOSFODNN7EXAMPLE»", "SecretAccessKey": "«${letters(40)}»",
     "SessionToken": "«IQoJ${letters(80)}»", "Expiration": "2026-10-01T10:00:00Z"}`,
  'connection strings of Azure': lines`
    DefaultEndpointsProtocol=https;AccountName=a;AccountKey=«${letters(86)}==»;EndpointSuffix=core.windows.net
    Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=«${letters(43)}=»
    HostName=a.azure-devices.net;DeviceId=d;SharedAccessKey=«${letters(43)}=»
    https://a.blob.core.windows.net/c/x.txt?sv=2024-01-01&se=2026-01-01&sp=r&sig=«${letters(40)}%3D»`,
  'a client secret of Azure': `it says «abc8Q~${letters(34)}» and`,
  'a service account of Google': lines`
    {
      "type": "service_account",
      "private_key_id": "${hex(40)}",
      "private_key": "«${pem('PRIVATE KEY').replaceAll('\n', '\\n')}»\n",
      "client_email": "x@y.iam.gserviceaccount.com"
    }`,
  'connection strings in URLs': lines`
    postgresql://app:«p%40ss»@db:5432/shop?sslmode=require
    mysql://root:@db/shop
    mongodb+srv://app:«hunter2»@cluster0.example.net/?retryWrites=true
    redis://:«swordfish»@cache:6379/0 amqps://u:«p»@mq:5671/%2f
    postgres://app:«ab/cd+ef»@db/shop
    jdbc:postgresql://db:5432/shop?user=app&password=«swordfish»&ssl=true
    jdbc:sqlserver://db;user=sa;password=«Pa$$w0rd»;encrypt=true
    jdbc:oracle:thin:scott/«tiger»@//db:1521/x
    app:«hunter2»@tcp(db:3306)/shop?parseTime=true
    https://oauth2:«${letters(20)}»@git.example.com/x.git
    https://«${letters(40)}»@git.example.com/x.git`,
  'a connection string in words':
    "host=db port=5432 user=app password=«swordfish» dbname=shop\nPassword='«two words»' x=1",
  '.pgpass': 'db.example.com:5432:shop:app:«swordfish»\n*:*:*:postgres:«a:b»',
  '.netrc': 'machine git.example.com\n  login me\n  password «swordfish»\nmachine b login me password «hunter2»',
  '.npmrc': lines`
    registry=https://npm.example.com/
    //npm.example.com/:_authToken=«${hex(32)}»
    //npm.example.com/:_password=«c3dvcmRmaXNo»
    _auth=«${base64('me:swordfish')}»
    //registry.npmjs.org/:_authToken=${'$'}{NPM_TOKEN}`,
  'pip and Maven': lines`
    index-url = https://__token__:«${letters(20)}»@pypi.example.com/simple
    <server><id>x</id><username>me</username><password>«sword fish»</password></server>
    <passphrase>«swordfish»</passphrase>
    <add key="ApiKey" value="«swordfish»" />
    <property name="password" value="«swordfish»"/>
    <property name="url" value="x"/>
    <entry key="password">«swordfish»</entry>`,
  'command lines of curl': lines`
    curl -u admin:«hunter2» https://x
    curl -uadmin:«hunter2» https://x
    curl --user 'admin:«two words»' https://x
    curl -H "X-Api-Key: «swordfish»" -H 'PRIVATE-TOKEN: «abc12345»' -H 'Accept: */*'
    curl -d 'grant_type=password&username=a&password=«swordfish»&scope=x' https://x
    curl -d '{"user": "a", "password": "«swordfish»"}' https://x
    curl -b "«session=abcdef»" https://x
    curl --cookie '«sid=abcdef; a=b»' https://x`,
  'other command lines': lines`
    wget --http-user=me --http-password=«swordfish» https://x
    PGPASSWORD=«swordfish» psql -h db -U app
    mysql -h db -u root -p«swordfish» shop
    mysqldump --password=«swordfish» shop
    sshpass -p '«sword fish»' ssh root@10.0.0.1
    redis-cli -h cache -a «swordfish» ping
    mongosh --username a --password «swordfish»
    openssl pkcs12 -in a.p12 -passin pass:«swordfish»
    vault login «hvs.${letters(24)}»
    ldapsearch -D cn=admin -w «swordfish» -b dc=x
    argocd login x --username admin --password «swordfish»
    az login --service-principal -u app -p «swordfish» --tenant t`,
  headers: lines`
    Authorization: Bearer «${letters(30)}»
    authorization: basic «${base64('me:swordfish')}»
    Authorization: Token token=«${letters(20)}»
    Authorization: GenieKey «550e8400-e29b-41d4-a716-446655440000»
    Proxy-Authorization: Basic «${base64('me:swordfish')}»
    X-Vault-Token: «hvs.${letters(24)}»
    X-Auth-Key: «${hex(37)}»
    X-Amz-Security-Token: «${letters(80)}»
    DD-API-KEY: «${hex(32)}»
    Ocp-Apim-Subscription-Key: «${hex(32)}»
    X-CSRF-Token: «${letters(32)}»
    Cookie: «session=abcdef; theme=dark»
    Set-Cookie: «sid=abcdef; Path=/; HttpOnly»`,
  'headers in a dump of Go': `map[Accept:[*/*] Authorization:[Bearer «${letters(30)}»] User-Agent:[x]]`,
  'headers in an object': `headers: { 'Authorization': 'Bearer «${letters(30)}»', "Cookie": "«sid=abcdef»" }`,
  'a signed request': lines`
    Authorization: AWS4-HMAC-SHA256 «Credential=AKIAIOSFODNN7EXAMPLE/20260101/x», Signature=«${hex(64)}»`,
  'query strings': lines`
    https://x/cb?code=«abcdefgh12345»&state=1
    https://x/a?access_token=«abcdefgh»&page=2
    https://x/a?page=2&api_key=«abcdefgh#top»
    https://maps.example.com/?key=«AIza${letters(35)}»
    https://b.s3.amazonaws.com/x?X-Amz-Expires=3600&X-Amz-Signature=«${hex(64)}»
    https://x/reset?token=«${hex(32)}»`,
  WireGuard: lines`
    [Interface]
    PrivateKey = «${letters(43)}=»
    Address = 10.0.0.2/32
    [Peer]
    PublicKey = ${letters(43)}=
    PresharedKey = «${letters(43)}=»`,
  'cloud-init': lines`
    #cloud-config
    users:
      - name: ops
        passwd: «$6$rounds=4096$abcdefgh$${letters(60)}»
        ssh_authorized_keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letters(40)} me@x
    chpasswd:
      list: |
        root:«$6$abcdefgh$${letters(60)}»`,
  'hashes of passwords': lines`
    admin:«$2y$10$${letters(53)}»
    admin:«$apr1$abcdefgh$${letters(22)}»
    «$argon2id$v=19$m=65536,t=3,p=4$${letters(22)}$${letters(43)}»`,
  'JSON within JSON': '{"body": "{\\"user\\": \\"a\\", \\"password\\": \\"«sword fish»\\", \\"n\\": 1}"}',
  'a query of SQL': lines`
    ALTER USER app WITH PASSWORD '«swordfish»';
    CREATE USER 'app'@'%' IDENTIFIED BY '«swordfish»';`,
  code: lines`
    const password = '«swordfish»'
    client = Client(token="«swordfish1»", timeout=3)
    if (password === "«swordfish»") return
    api_key := "«swordfish»"
    :password => "«swordfish»",`,
}

describe('maskSecrets on settings and command lines', () => {
  it.each(Object.entries(SECRETS))('takes the secrets, and nothing else, out of %s', (_, text) => expectMasked(text))
})
