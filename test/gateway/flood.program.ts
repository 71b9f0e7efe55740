/** A service that floods, the gateway, and an agent that reads on, in one process; prints how much memory they came to. */
import http from 'node:http';
import { openGateway } from '../../src/gateway/gateway.ts';
import { startService } from './upstream.fixture.ts';

const [kind = 'stream', size = '0'] = process.argv.slice(2);
const piece =
  kind === 'line' ? Buffer.alloc(65_536, 'x') : Buffer.from(`data: {"text":"${'x'.repeat(65_000)}"}\n\n`);

const service = await startService((answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream' });
  answer.write('data: ');
  pour(answer, Number(size));
});
const gateway = await openGateway({
  upstreams: { openai: { baseUrl: service.url, keyIn: 'bearer', key: 'key' } },
  modelFacts: () => null,
});
const account = gateway.open({
  left: () => [],
  onSpent: async () => undefined,
  onRefused: async () => undefined,
  onCall: async () => undefined,
  onHopeless: async () => undefined,
});

const beforeBytes = process.memoryUsage().rss;
let peakBytes = beforeBytes;
const watch = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
}, 20);
const receivedBytes = await read();
await account.close();
clearInterval(watch);
await gateway.close();
await service.close();
process.stdout.write(
  JSON.stringify({ receivedBytes, grownBytes: peakBytes - beforeBytes, total: account.total() }),
);

function pour(answer: http.ServerResponse, bytes: number): void {
  let sent = 0;
  const more = (): void => {
    while (sent < bytes) {
      sent += piece.length;
      if (!answer.write(piece)) return void answer.once('drain', more);
    }
    answer.end('\n\ndata: {"usage":{"input_tokens":7,"output_tokens":8}}\n\n');
  };
  more();
}

function read(): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${account.token}` };
    const asked = http.request(`${account.url('openai')}/v1/responses`, { method: 'POST', headers });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.once('end', () => resolve(bytes));
    });
    asked.end('{"model":"m","stream":true}');
  });
}
