// All services with random bodies, on plain sockets: a request is sent when the answer to the one
// before has come. usage: opcua-bodies.js server PORT SEEDS | client HOST PORT SEEDS
'use strict';
const net = require('net');
const { bodies } = require('./opcua-random.js');

const POLICY = 'http://opcfoundation.org/UA/SecurityPolicy#None';
const CHANNEL = 7, TOKEN = 1, BUFFER = 65536, LIFETIME_MS = 3600000;
const HEADER = 8; // the size stands in its second half

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

function typeId(id)
{
    return Buffer.from([1, 0, id & 255, id >> 8]);
}

function message(type, ...parts)
{
    const body = Buffer.concat(parts);

    return Buffer.concat([Buffer.from(type), words(HEADER + body.length), body]);
}

function open(channel, ...body)
{
    return message('OPNF', words(channel), text(POLICY), words(-1, -1, 1, 1), ...body);
}

function* openings(isServer, url)
{
    const time = words(0, 0), none = Buffer.alloc(3);

    if (isServer) {
        yield message('ACKF', words(0, BUFFER, BUFFER, 0, 0));
        yield open(CHANNEL, typeId(449), time, words(1, 0), Buffer.alloc(1), words(-1), none,
            words(0, CHANNEL, TOKEN), time, words(LIFETIME_MS, -1));
        return;
    }
    yield message('HELF', words(0, BUFFER, BUFFER, 0, 0), text(url));
    yield open(0, typeId(446), Buffer.alloc(2), time, words(1, 0, -1, 0), none,
        words(0, 0, 1, -1, LIFETIME_MS));
}

// What this end says, in turn.
function* says(isServer, url, seeds)
{
    let number = 2;

    yield* openings(isServer, url);
    for (let seed = 1; seed <= seeds; seed++)
        for (const [name, id, body] of bodies(seed))
            if (name.endsWith('Response') === isServer) {
                yield message('MSGF', words(CHANNEL, TOKEN, number, number), typeId(id), body);
                number++;
            }
}

// Calls `each` for every whole message that comes.
function read(socket, each)
{
    let kept = Buffer.alloc(0);

    socket.on('data', (data) => {
        kept = Buffer.concat([kept, data]);
        while (kept.length >= HEADER && kept.length >= kept.readUInt32LE(4)) {
            kept = kept.subarray(kept.readUInt32LE(4));
            each();
        }
    });
}

function talk(socket, turns)
{
    const next = () => {
        const { value, done } = turns.next();
        if (done)
            socket.end();
        else
            socket.write(value);
    };
    read(socket, next);
    return next;
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'server') {
    const [port, seeds] = rest.map(Number);
    net.createServer((socket) => talk(socket, says(true, '', seeds))).listen(port);
} else {
    const [host, port, seeds] = rest;
    const socket = net.connect(Number(port), host);
    socket.on('connect', talk(socket, says(false, `opc.tcp://${host}:${port}`, Number(seeds))));
}
