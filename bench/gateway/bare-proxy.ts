// The least that a reverse proxy in Node can do: pass bytes through. No signature, no policy, no metering.
import { Agent, createServer, request as forward } from 'node:http';

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

createServer((request, response) => {
  const upstream = forward(
    {
      port: upstreamPort!,
      host: '127.0.0.1',
      method: request.method!,
      path: request.url!,
      headers: request.headers,
      agent,
    },
    (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    },
  );
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
}).listen(port, '127.0.0.1');
