// A program for the tests of scripts/run-program.mjs: says where and how it was started, and each signal it gets.
const [, , wish, ...args] = process.argv
console.log(JSON.stringify({ cwd: process.cwd(), args, execArgv: process.execArgv, npm: npmSettings() }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => console.log(signal))
if (wish === 'exit') process.exitCode = Number(args[0])
else setTimeout(() => process.exit(7), 1_500)

function npmSettings(): string[] {
  return Object.keys(process.env).filter((name) => /^npm_/i.test(name))
}
