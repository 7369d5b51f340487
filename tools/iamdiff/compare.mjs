// Decides random cases with windlass and with @cloud-copilot/iam-simulate, and
// prints every kind of disagreement with its number.
//
//   npm install && node compare.mjs [CASES] [SEED]
//
// WINDLASS is the command (default: windlass); EXAMPLES=1 prints an example of
// each kind. It ends with status 1 if a disagreement isn't explained below.
import { spawnSync } from 'node:child_process'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const count = Number(process.argv[2] ?? 50000)
let state = Number(process.argv[3] ?? 1) >>> 0

// next is mulberry32, so that a seed gives the same cases everywhere.
function next() {
  state = (state + 0x6d2b79f5) >>> 0
  let t = state
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const chance = (p) => next() < p
const pick = (list) => list[Math.floor(next() * list.length)]
const some = (list, most) => [...new Set(Array.from({ length: 1 + Math.floor(next() * most) }, () => pick(list)))]

const own = '111122223333'
const other = '444455556666'
const key = `arn:aws:kms:us-east-1:${own}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
const queue = `arn:aws:sqs:us-east-1:${own}:q`
const calls = [
  ['s3:GetObject', 'arn:aws:s3:::data/reports/a.csv'], ['s3:PutObject', 'arn:aws:s3:::data/home/alice/x'],
  ['s3:DeleteObject', 'arn:aws:s3:::data/reports/a.csv'], ['s3:ListBucket', 'arn:aws:s3:::data'],
  ['s3:GetBucketLocation', 'arn:aws:s3:::data'], ['s3:GetObject', 'arn:aws:s3:::other/k'],
  ['kms:Decrypt', key], ['sqs:SendMessage', queue], ['sts:AssumeRole', `arn:aws:iam::${own}:role/target`]
]
const resources = [
  '*', 'arn:aws:s3:::data', 'arn:aws:s3:::data/*', 'arn:aws:s3:::data/reports/*', 'arn:aws:s3:::d*/home/${aws:username}/*',
  'arn:aws:s3:::data/home/${aws:username}/*', 'arn:aws:s3:::data/?eports/a.csv', 'arn:aws:s3:::other/*', 'arn:aws:s3:::*',
  key, queue, `arn:aws:kms:*:${own}:key/*`, `arn:aws:iam::${own}:role/*`
]
const actions = [
  '*', 's3:*', 's3:Get*', 's3:GetObject', 's3:PutObject', 's3:List*', 's3:ListBucket', 'S3:getobject', 's3:*Object', 'kms:*',
  'kms:Decrypt', 'sqs:*', 'sqs:SendMessage', 'sts:AssumeRole', 'sts:*', 'ec2:*'
]
const keys = {
  's3:prefix': ['reports/', 'home/alice/', ''], 'aws:SourceIp': ['203.0.113.9', '198.51.100.7'],
  'aws:SecureTransport': ['true', 'false'], 'aws:PrincipalOrgID': ['o-aaaaaaaaaa', 'o-bbbbbbbbbb'],
  'aws:RequestedRegion': ['us-east-1', 'eu-west-1'], 'aws:PrincipalTag/team': ['data', 'ops'],
  'aws:SourceVpce': ['vpce-1a2b3c4d'], 'aws:CurrentTime': ['2026-11-01T00:00:00Z'], 's3:max-keys': ['10', '1000'],
  'aws:MultiFactorAuthAge': ['30', '7200']
}
const wanted = {
  's3:prefix': ['reports/', 'reports/*', 'home/${aws:username}/', ''], 'aws:SourceIp': ['203.0.113.0/24', '198.51.100.7/32'],
  'aws:SecureTransport': ['true', 'false'], 'aws:PrincipalOrgID': ['o-aaaaaaaaaa', 'o-a*'],
  'aws:RequestedRegion': ['us-east-1', 'eu-*'], 'aws:PrincipalTag/team': ['data', 'd?ta', '${aws:PrincipalTag/team}'],
  'aws:SourceVpce': ['vpce-1a2b3c4d', 'vpce-9'], 'aws:CurrentTime': ['2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z'],
  's3:max-keys': ['10', '100'], 'aws:MultiFactorAuthAge': ['60', '3600']
}
const operators = {
  text: ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
  'aws:SourceIp': ['IpAddress', 'NotIpAddress'], 'aws:SecureTransport': ['Bool'],
  'aws:CurrentTime': ['DateLessThan', 'DateGreaterThan', 'DateNotEquals', 'DateGreaterThanEquals'],
  's3:max-keys': ['NumericLessThanEquals', 'NumericEquals', 'NumericNotEquals', 'NumericGreaterThan'],
  'aws:MultiFactorAuthAge': ['NumericLessThan', 'NumericGreaterThanEquals']
}

function conditions() {
  const all = {}
  for (const name of some(Object.keys(wanted), 2)) {
    if (chance(0.1)) {
      all.Null = { ...all.Null, [name]: pick(['true', 'false']) }
      continue
    }
    let operator = pick(operators[name] ?? operators.text)
    if (chance(0.25)) operator += 'IfExists'
    if (chance(0.05)) operator = pick(['ForAllValues:', 'ForAnyValue:']) + operator
    all[operator] = { ...all[operator], [name]: some(wanted[name], 2) }
  }
  return all
}

const principals = [
  `arn:aws:iam::${own}:root`, own, `arn:aws:iam::${own}:user/alice`, `arn:aws:iam::${own}:role/app`,
  `arn:aws:sts::${own}:assumed-role/app/s1`, `arn:aws:iam::${other}:root`, `arn:aws:iam::${other}:user/alice`
]

function statement(kind) {
  const s = { Effect: chance(0.7) ? 'Allow' : 'Deny' }
  if (kind === 'rcp') s.Effect = 'Deny' // AWS accepts nothing else
  if (kind === 'resource' || kind === 'trust' || kind === 'rcp' || kind === 'endpoint') {
    const everyone = chance(0.3)
    s.Principal = everyone ? pick(['*', { AWS: '*' }]) : { AWS: some(principals, 2) }
    if (kind === 'rcp' || kind === 'endpoint') s.Principal = '*'
  }
  if (kind === 'trust') s.Action = pick(['sts:AssumeRole', 'sts:*'])
  else if (kind === 'rcp') s.Action = some(actions.slice(1, -1), 3) // neither "*" nor NotAction
  else if (chance(0.1)) s.NotAction = some(actions.slice(1), 2)
  else s.Action = some(actions, 3)
  if (kind !== 'trust') {
    if (chance(0.08)) s.NotResource = some(resources.slice(1), 2)
    else s.Resource = chance(0.4) ? '*' : some(resources, 3)
  }
  if (chance(0.35)) s.Condition = conditions()
  return s
}
const policy = (kind, most = 3) => ({
  Version: '2012-10-17', Statement: Array.from({ length: 1 + Math.floor(next() * most) }, () => statement(kind))
})
const list = (kind, most) => Array.from({ length: Math.floor(next() * (most + 1)) }, () => policy(kind))
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

function makeCase(id) {
  const account = chance(0.75) ? own : other
  const session = chance(0.5)
  const principal = session
    ? { type: 'role-session', arn: `arn:aws:sts::${account}:assumed-role/app/s1`, role: `arn:aws:iam::${account}:role/app`, account }
    : { type: 'user', arn: `arn:aws:iam::${account}:user/alice`, account, userName: 'alice' }
  const [action, resource] = pick(calls)
  const context = {}
  for (const [name, values] of Object.entries(keys)) {
    const listing = name === 's3:prefix' || name === 's3:max-keys'
    if (listing ? action === 's3:ListBucket' && chance(0.7) : chance(0.5)) context[name] = pick(values)
  }
  if (!session) context['aws:username'] = 'alice'
  const policies = { identity: list('identity', 2) }
  if (chance(0.3)) policies.identity.push(everything)
  if (action === 'sts:AssumeRole') policies.trust = policy('trust')
  else if (chance(0.5) || action === 'kms:Decrypt') policies.resource = policy('resource')
  if (chance(0.2)) policies.boundary = chance(0.4) ? everything : policy('boundary')
  if (session && chance(0.2)) policies.session = [chance(0.4) ? everything : policy('session')]
  if (chance(0.3)) {
    policies.scp = Array.from({ length: 1 + Math.floor(next() * 3) }, () => [
      ...(chance(0.8) ? [everything] : []), ...(chance(0.4) ? [policy('scp', 2)] : [])
    ]).map((level) => (level.length > 0 ? level : [policy('scp')]))
  }
  if (chance(0.2)) policies.rcp = list('rcp', 2)
  if (chance(0.1)) policies.endpoint = policy('endpoint')
  return { id, policies, principal, action, resource, resourceAccount: own, context }
}

function simulation(c) {
  const named = (prefix, policies) => (policies ?? []).map((p, i) => ({ name: `${prefix}${i}`, policy: p }))
  return {
    request: {
      principal: c.principal.arn, action: c.action, resource: { resource: c.resource, accountId: own },
      contextVariables: c.context
    },
    identityPolicies: named('identity', c.policies.identity), sessionPolicy: c.policies.session?.[0],
    resourcePolicy: c.policies.resource ?? c.policies.trust,
    permissionBoundaryPolicies: c.policies.boundary && named('boundary', [c.policies.boundary]),
    serviceControlPolicies: (c.policies.scp ?? []).map((level, i) => ({ orgIdentifier: `level${i}`, policies: named('scp', level) })),
    resourceControlPolicies: c.policies.rcp ? [{ orgIdentifier: 'root', policies: named('rcp', c.policies.rcp) }] : [],
    vpcEndpointPolicies: c.policies.endpoint && named('endpoint', [c.policies.endpoint])
  }
}

const decisions = { Allowed: 'allow', ExplicitlyDenied: 'explicitDeny', ImplicitlyDenied: 'implicitDeny' }
const cases = Array.from({ length: count }, (_, i) => makeCase(`case-${i}`))
const run = spawnSync(process.env.WINDLASS ?? 'windlass', ['policy', 'eval'], {
  input: cases.map((c) => JSON.stringify(c)).join('\n'), encoding: 'utf8', maxBuffer: 1 << 30
})
if (run.status !== 0) {
  console.error(run.stderr)
  process.exit(2)
}
const ours = run.stdout.trim().split('\n').map((line) => JSON.parse(line))

const iamGuide = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/'
// reasons explain disagreements: each has a test and AWS's page.
const reasons = [
  {
    name: 'A resource policy that allows everyone, or names the session, isn\'t limited by a session policy\'s silence.',
    page: iamGuide + 'access_policies_boundaries.html#access_policies_boundaries-eval-logic',
    async test(c, we, they) {
      if (we !== 'allow' || they !== 'implicitDeny' || !c.policies.session) return false
      const result = await runSimulation({ ...simulation(c), sessionPolicy: undefined }, { simulationMode: 'Strict' })
      return decisions[result.overallResult] === 'allow'
    }
  },
  {
    name: 'A variable without a value: here an Allow doesn\'t apply and a Deny does.',
    page: iamGuide + 'reference_policies_variables.html',
    test: (c, we) => we !== 'allow' && c.context['aws:username'] === undefined && JSON.stringify(c).includes('${aws:username}')
  },
  {
    name: 'An empty s3:prefix: Null treats an empty value as missing.',
    page: iamGuide + 'reference_policies_condition_operators.html#Conditions_Null',
    test: (c, we) => we !== 'allow' && c.context['s3:prefix'] === '' && JSON.stringify(c).includes('"Null"')
  },
  {
    name: 'The other simulator rejects the policies.', page: '',
    test: (c, we, they) => they.startsWith('error')
  }
]

const kinds = new Map()
let disagreements = 0
let unexplained = 0
for (const [i, c] of cases.entries()) {
  const result = await runSimulation(simulation(c), { simulationMode: 'Strict' })
  const they = result.resultType === 'error' ? `error: ${result.errors.message}` : decisions[result.overallResult]
  const we = ours[i].decision ?? `error: ${ours[i].error}`
  if (we === they) continue
  disagreements++
  let kind = `UNEXPLAINED: ${we} here, ${they} there`
  for (const reason of reasons) {
    if (await reason.test(c, we, they)) {
      kind = `${reason.name} ${reason.page}`
      break
    }
  }
  if (kind.startsWith('UNEXPLAINED')) unexplained++
  const entry = kinds.get(kind) ?? { number: 0, allowed: 0, example: c }
  entry.number++
  if (we === 'allow') entry.allowed++
  kinds.set(kind, entry)
}
const allowed = ours.filter((o) => o.decision === 'allow').length
console.log(`${cases.length} cases, ${allowed} allowed here; ${disagreements} disagreements, ${unexplained} of them unexplained`)
for (const [kind, { number, allowed, example }] of [...kinds].sort((a, b) => b[1].number - a[1].number)) {
  console.log(`${number} (allowed here: ${allowed})\t${kind}`)
  if (kind.startsWith('UNEXPLAINED') || process.env.EXAMPLES) console.log(`\t${JSON.stringify(example)}`)
}
process.exit(unexplained > 0 ? 1 : 0)
