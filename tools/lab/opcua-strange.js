// Openings that a server must refuse, on plain sockets. usage: opcua-strange.js HOST PORT
'use strict';
const net = require('net');

const [host, port] = process.argv.slice(2);
const WAIT_MS = 300;

function words(...values)
{
    const bytes = Buffer.alloc(4 * values.length);

    values.forEach((value, i) => bytes.writeUInt32LE(value >>> 0, 4 * i));
    return bytes;
}

function text(value)
{
    return Buffer.concat([words(value.length), Buffer.from(value)]);
}

function message(type, ...parts)
{
    const body = Buffer.concat(parts);

    return Buffer.concat([Buffer.from(type), words(8 + body.length), body]);
}

function hello(buffer, url)
{
    return message('HELF', words(0, buffer, buffer, 0, 0), text(url));
}

function open(policy)
{
    return message('OPNF', words(0), text(policy), words(-1, -1, 1, 1),
        Buffer.from('0100be01', 'hex'), Buffer.alloc(60));
}

const url = `opc.tcp://${host}:${port}/plant`;
const NONE = 'http://opcfoundation.org/UA/SecurityPolicy#None';
const openings = [
    [hello(1024, url)], // buffers too small
    [hello(8192, 'opc.tcp://' + 'x'.repeat(5000))], // longer than 4096
    [message('MSGF', words(1, 1, 1, 1), Buffer.alloc(20))], // before Hello
    [message('XYZF', Buffer.alloc(8))],
    [hello(8192, url), hello(8192, url)], // twice
    [hello(8192, url), open('http://example.com/no-such-policy')],
    [hello(8192, url), message('MSGF', words(77, 1, 1, 1), Buffer.alloc(20))], // no channel
    [hello(8192, url), open(NONE), message('MSGC', words(1, 1, 2, 2), Buffer.alloc(9000))],
    [message('HELF', Buffer.alloc(70000))], // larger than any buffer
];

// Each message waits a little for an answer; then we close.
function send(messages)
{
    return new Promise((done) => {
        const socket = net.connect(Number(port), host);
        const next = () => {
            if (messages.length && !socket.destroyed)
                socket.write(messages.shift());
            else
                socket.destroy();
        };
        const timer = setInterval(next, WAIT_MS);

        socket.on('data', () => {});
        socket.on('error', () => {});
        socket.on('connect', next);
        socket.on('close', () => {
            clearInterval(timer);
            done();
        });
    });
}

(async () => {
    for (const messages of openings)
        await send(messages);
})();
