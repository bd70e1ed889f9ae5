// An operator station on nodes7. usage: s7-poll.js HOST ROUNDS
// It reads all its tags each round, in as few and as full PDUs as it can, and writes some.
'use strict';
const NodeS7 = require('nodes7');

const [host, rounds] = process.argv.slice(2);
const tags = {
    level: 'DB1,REAL0', flow: 'DB1,REAL4', setpoint: 'DB1,REAL8', states: 'DB1,INT12.6',
    running: 'DB1,X30.2', faults: 'DB1,X32.0.8', total: 'DB1,DINT40', counts: 'DB1,DWORD44.3',
    name: 'DB1,S60.20', mark: 'DB1,C100.8', since: 'DB1,DT120', far: 'DB2,BYTE1500.40',
    row: 'DB2,BYTE300.400', row2: 'DB2,BYTE800.400',
    high: 'DB2,WORD0.100', flags: 'M20.3', word: 'MW30', input: 'I4.1', inputs: 'IB0.16',
    output: 'Q3.0', pulses: 'C2', wait: 'T4', missing: 'DB88,INT0',
};
const writes = [
    [['setpoint'], [41.5]], [['running'], [true]], [['output', 'word'], [true, 1234]],
    [['states'], [[1, -2, 3, -4, 5, -6]]], [['name'], ['pump 7']],
    [['since'], [new Date(2026, 0, 2, 3, 4, 5)]], [['missing'], [1]],
];
const connection = new NodeS7({ silent: true });

function read()
{
    return new Promise((done) => connection.readAllItems((bad, values) => done(values)));
}

function write(names, values)
{
    return new Promise((done) => connection.writeItems(names, values, done));
}

async function poll(error)
{
    if (error)
        throw error;
    connection.setTranslationCB((name) => tags[name]);
    connection.addItems(Object.keys(tags));
    for (let round = 0; round < Number(rounds); round++) {
        await read();
        if (round < writes.length)
            await write(...writes[round]);
        await new Promise((done) => setTimeout(done, 100));
    }
    connection.dropConnection(() => process.exit(0));
}

connection.initiateConnection({ port: 102, host, rack: 0, slot: 2, timeout: 3000 }, poll);
