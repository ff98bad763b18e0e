// What this interpreter is, for the runner: its version, the files that it needs, and whether AWS's
// runtime client is installed.
const { existsSync, realpathSync } = require('node:fs');
const { dirname, join } = require('node:path');

const program = realpathSync(process.execPath);
const modules = join(dirname(dirname(program)), 'lib', 'node_modules');
// Version 4 and those before it.
const clients = ['index.mjs', 'bin/index.mjs'].map((name) => join(modules, 'aws-lambda-ric', name));
console.log(JSON.stringify({
  runtime: `nodejs${process.versions.node.split('.')[0]}.x`,
  directories: [process.execPath, program, modules],
  aws_client: clients.find((client) => existsSync(client)) ?? null,
}));
