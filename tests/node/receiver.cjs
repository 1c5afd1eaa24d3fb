// A receiver of webhooks in Node.js, on the standard's own library: `node receiver.cjs SECRET`. It prints its port, then a
// line of JSON for each request: what was said and whether it is signed by the secret.
'use strict';
const http = require('node:http');
const { Webhook } = require('standardwebhooks');

const webhook = new Webhook(process.argv[2]);

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    let told;
    try {
      told = { verified: webhook.verify(Buffer.concat(pieces).toString('utf8'), request.headers) };
    } catch (error) {
      told = { refused: error.message };
    }
    console.log(JSON.stringify(told));
    response.writeHead('verified' in told ? 204 : 400).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
