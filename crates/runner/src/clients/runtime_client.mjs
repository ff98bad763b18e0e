// Runs a Node function with the Lambda Runtime API, where AWS's own client is not installed.
//
// Usage: runtime_client.mjs MODULE.FUNCTION, with the environment of a Lambda function.

import { existsSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const PREFIX = '/2018-06-01/runtime/';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** Calls the Runtime API and waits for its answer for as long as it takes. */
function call(method, what, body, headers = {}) {
  const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
  return new Promise((resolve, reject) => {
    const options = { host, port, method, path: PREFIX + what, agent, headers };
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ body: Buffer.concat(pieces), headers: response.headers }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function report(what, error) {
  const headers = {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': encodeURIComponent(error.errorType),
  };
  return call('POST', what, JSON.stringify(error), headers);
}

/** There is no handler to call. */
class CannotStart extends Error {
  constructor(errorType, message, trace = []) {
    super(message);
    this.report = { errorType, errorMessage: message, trace };
  }
}

function failureOf(thrown) {
  if (thrown instanceof CannotStart) return thrown.report;
  if (thrown instanceof Error) {
    const trace = String(thrown.stack ?? '').split('\n');
    return { errorType: thrown.name, errorMessage: thrown.message, trace };
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}

function logFailure(error) {
  const text = JSON.stringify(error);
  process.stdout.write(`${new Date().toISOString()}\tERROR\tInvoke Error \t${text}\n`);
}

/** Finds the file of `module`: with its ending, without one, or as a package. */
async function load(module) {
  const base = path.resolve(process.env.LAMBDA_TASK_ROOT, module);
  for (const ending of ['', '.js', '.mjs', '.cjs']) {
    if (ending !== '' && existsSync(base + ending)) {
      return import(pathToFileURL(base + ending).href);
    }
  }
  return createRequire(pathToFileURL(`${process.env.LAMBDA_TASK_ROOT}/`))(base);
}

/** The function that `module.function`, `folder/module.function` or `module.object.function` names. */
async function findHandler(name) {
  const folder = path.dirname(name);
  const [, file, names] = path.basename(name).match(/^([^.]*)\.(.+)$/) ?? [];
  if (!file || name.includes('..')) {
    throw new CannotStart('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const module = path.join(folder, file);
  let loaded;
  try {
    loaded = await load(module);
  } catch (error) {
    if (error instanceof SyntaxError) {
      const trace = String(error.stack).split('\n');
      throw new CannotStart('Runtime.UserCodeSyntaxError', String(error), trace);
    }
    if (['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(error?.code)) {
      const trace = String(error.stack).split('\n');
      throw new CannotStart('Runtime.ImportModuleError', String(error), trace);
    }
    throw error;
  }
  const find = (from) => names.split('.').reduce((object, key) => object?.[key], from);
  const handler = find(loaded) ?? find(loaded.default);
  if (handler === undefined) {
    throw new CannotStart('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new CannotStart('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  return handler;
}

function contextOf(headers, finish) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    done: finish,
    succeed: (result) => finish(null, result),
    fail: (error) => finish(error ?? 'handled'),
  };
}

/** Resolves with what the handler returns, or what it gives to its callback. */
function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const finish = (error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    };
    const returned = handler(event, contextOf(headers, finish), finish);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    // A handler without promise that never calls back has ended once nothing is left to happen.
    else process.once('beforeExit', () => resolve(null));
  });
}

async function invoke(handler) {
  const { body, headers } = await call('GET', 'invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  const fail = async (thrown) => {
    const error = failureOf(thrown);
    logFailure(error);
    await report(`invocation/${id}/error`, error);
  };
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.removeAllListeners(event);
    process.once(event, async (thrown) => {
      await fail(thrown);
      process.exit(129);
    });
  }
  try {
    const result = await run(handler, JSON.parse(body.toString()), headers);
    const type = { 'Content-Type': 'application/json' };
    await call('POST', `invocation/${id}/response`, JSON.stringify(result ?? null), type);
  } catch (thrown) {
    await fail(thrown);
  }
}

let handler;
try {
  handler = await findHandler(process.argv[2]);
} catch (thrown) {
  const error = failureOf(thrown);
  logFailure(error);
  await report('init/error', error);
  process.exit(1);
}
for (;;) await invoke(handler);
