import { describe, expect, it } from 'vitest'
import { commandHelp, overview } from '../../src/admin/command.ts'
import { commands } from '../../src/admin/commands/index.ts'
import { UsageError } from '../../src/admin/refusal.ts'

const find = (name: string) => {
  const command = commands.find((one) => one.name === name)
  if (!command) throw new Error(`no command ${name}`)
  return command
}

const TOKEN = ['--organisation', 'acme', '--name', 'CI', '--scopes', 'tickets_read']

describe('the arguments of a command', () => {
  it.each([
    ['organisation create', ['--name', 'Acme']],
    ['organisation create', ['--name=Рога и копыта', '--slug=roga']],
    ['person create', ['--email', 'ann@acme.test', '--name', 'Ann']],
    ['person create', ['--email', 'ann@acme.test', '--name', 'Ann', '--organisation', 'acme', '--role', 'admin']],
    ['member remove', ['ann@acme.test', '--organisation', 'acme']],
    ['token create', TOKEN],
    ['token create', ['--team', '--name', 'CI', '--scopes', 'tickets_write, clusters_write', '--expires', '90d']],
    ['token create', [...TOKEN, '--expires', '2999-12-31']],
    ['token create', [...TOKEN, '--expires', '2999-12-31T12:00:00+02:00']],
  ])('of %s are taken: %j', (name, args) => {
    expect(() => find(name).prepare(args)).not.toThrow()
  })

  it.each([
    ['organisation create', [], '--name is missing.'],
    ['organisation create', ['--name', ' '], '--name must not be empty.'],
    ['organisation create', ['--name', 'A\u0000'], '--name must not contain'],
    ['organisation create', ['--name', 'A\ud800'], '--name must be well-formed Unicode'],
    ['organisation create', ['--name', 'A\nB'], '--name must not contain control characters.'],
    ['organisation create', ['--name', 'x'.repeat(101)], '--name must have at most 100 characters.'],
    ['organisation create', ['--name', 'A', '--slug', 'A b'], '--slug must be lower-case letters'],
    ['organisation create', ['--name', 'A', '--colour', 'red'], "Unknown option '--colour'."],
    ['organisation create', ['--name'], '--name'],
    ['organisation create', ['--name', 'A', 'B'], '"B" is one argument too many.'],
    ['person create', ['--name', 'Ann', '--email', 'ann'], '--email must be an e-mail address'],
    [
      'person create',
      ['--name', 'Ann', '--email', 'a@b.test', '--role', 'admin'],
      '--role is a role in an organisation',
    ],
    ['person link', [], 'EMAIL is missing.'],
    ['member add', ['a@b.test', '--organisation', 'acme', '--role', 'boss'], '--role must be member or admin.'],
    ['member add', ['a@b.test', '--role', 'admin'], '--organisation is missing.'],
    ['token create', ['--name', 'CI', '--scopes', 'tickets_read'], 'either --organisation SLUG or --team'],
    ['token create', [...TOKEN, '--team'], 'either --organisation SLUG or --team'],
    ['token create', [...TOKEN, '--scopes', ''], '--scopes must be a list'],
    ['token create', [...TOKEN, '--scopes', 'everything'], '--scopes must be a list'],
    ['token create', [...TOKEN, '--expires', 'soon'], '--expires must be days from now'],
    ['token create', [...TOKEN, '--expires', '2027-02-30'], '--expires must be days from now'],
    ['token create', [...TOKEN, '--expires', '2020-01-31'], '--expires must be in the future.'],
    ['token create', [...TOKEN, '--expires', '0d'], '--expires must be in the future.'],
    ['cluster put', ['--organisation', 'acme', '--name', 'A'], '--state is missing.'],
  ])('of %s are refused before any database is looked for: %j', (name, args, message) => {
    const prepare = () => find(name).prepare(args)
    expect(prepare).toThrow(UsageError)
    expect(prepare).toThrow(message)
  })
})

describe('help', () => {
  it('names every command once, and every flag of each', () => {
    const names = commands.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const all = overview(commands)
    for (const command of commands) {
      expect(all).toContain(command.name)
      const help = commandHelp(command)
      expect(help).toContain(command.summary)
      expect(help).toContain(`npm run admin -- ${command.name}`)
      for (const key of Object.keys(command.flags)) {
        expect(help).toMatch(new RegExp(`^ {2}--${key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} `, 'm'))
      }
    }
  })

  it('fits a terminal', () => {
    const lines = [overview(commands), ...commands.map(commandHelp)].flatMap((text) => text.split('\n'))
    expect(lines.filter((line) => line.length > 120)).toEqual([])
  })
})
