// A client on snap7. usage: s7-client.js tour|program HOST
//   tour      every area and type, several variables at once, system status lists, blocks,
//             clock, password, stop and start, and what the controller refuses
//   program   blocks uploaded, changed, downloaded and deleted, as an engineer does
// Calls wait for their answer and are false when it is a refusal.
'use strict';
const snap7 = require('node-snap7');

const [what, host] = process.argv.slice(2);
const { Block_OB, Block_DB, Block_SDB, Block_FC, Block_SFC, Block_FB, Block_SFB } =
    snap7.S7Client.prototype;
const client = new snap7.S7Client();
const types = {
    bit: [client.S7WLBit, 1], byte: [client.S7WLByte, 1], word: [client.S7WLWord, 2],
    dword: [client.S7WLDWord, 4], real: [client.S7WLReal, 4],
    counter: [client.S7WLCounter, 2], timer: [client.S7WLTimer, 2],
};

function connect(type, rack, slot)
{
    client.SetConnectionType(type);
    if (!client.ConnectTo(host, rack, slot))
        throw new Error(client.ErrorText(client.LastError()));
}

function areas()
{
    return [
        [client.S7AreaDB, 1, 'bit'], [client.S7AreaDB, 1, 'byte'],
        [client.S7AreaDB, 1, 'word'], [client.S7AreaDB, 1, 'dword'],
        [client.S7AreaDB, 1, 'real'], [client.S7AreaMK, 0, 'bit'],
        [client.S7AreaMK, 0, 'byte'], [client.S7AreaPE, 0, 'byte'],
        [client.S7AreaPE, 0, 'bit'], [client.S7AreaPA, 0, 'word'],
        [client.S7AreaPA, 0, 'bit'], [client.S7AreaCT, 0, 'counter'],
        [client.S7AreaTM, 0, 'timer'],
    ];
}

function variables()
{
    for (const [area, db, type] of areas()) {
        const [length, size] = types[type];
        const amount = type === 'bit' ? 1 : 4;
        const start = type === 'bit' ? 21 : 2;
        const values = Buffer.alloc(amount * size);

        values.forEach((_, i) => values[i] = type === 'bit' ? 1 : 16 + i);
        if (type === 'real')
            [20.5, -1e-3, 0, 3.4e38].forEach((v, i) => values.writeFloatBE(v, 4 * i));
        client.ReadArea(area, db, start, amount, length);
        client.WriteArea(area, db, start, amount, length, values);
        client.ReadArea(area, db, start, amount, length);
    }
    client.DBRead(2, 0, 2000); // more than one PDU holds
    client.DBWrite(2, 100, 700, Buffer.alloc(700, 0x5a));
}

function item(Area, DBNumber, Start, Amount, WordLen, Data)
{
    return Object.assign({ Area, DBNumber, Start, Amount, WordLen }, Data && { Data });
}

function severalAtOnce()
{
    client.ReadMultiVars([
        item(client.S7AreaDB, 1, 0, 16, client.S7WLByte),
        item(client.S7AreaDB, 1, 3, 1, client.S7WLBit),
        item(client.S7AreaMK, 0, 10, 3, client.S7WLByte),
        item(client.S7AreaCT, 0, 0, 4, client.S7WLCounter),
        item(client.S7AreaTM, 0, 1, 2, client.S7WLTimer),
        item(client.S7AreaDB, 1, 100, 2, client.S7WLReal),
        item(client.S7AreaDB, 99, 0, 4, client.S7WLByte), // no such block
        item(client.S7AreaPE, 0, 120, 20, client.S7WLByte), // beyond the end
    ]);
    client.WriteMultiVars([
        item(client.S7AreaDB, 1, 40, 3, client.S7WLByte, Buffer.from('abc')),
        item(client.S7AreaMK, 0, 81, 1, client.S7WLBit, Buffer.from([1])),
        item(client.S7AreaPA, 0, 2, 1, client.S7WLWord, Buffer.from([0x12, 0x34])),
        item(client.S7AreaDB, 99, 0, 1, client.S7WLByte, Buffer.from([1])),
        item(client.S7AreaDB, 1, 510, 4, client.S7WLByte, Buffer.alloc(4)),
    ]);
}

function refused()
{
    client.DBRead(99, 0, 4);
    client.DBRead(1, 510, 10);
    client.DBWrite(77, 0, 2, Buffer.alloc(2));
    client.MBWrite(250, 10, Buffer.alloc(10));
    client.ReadArea(client.S7AreaTM, 0, 200, 2, client.S7WLTimer);
    client.ReadArea(0x86, 0, 0, 4, client.S7WLByte); // instance data: not in this server
    client.FullUpload(Block_OB, 1, 4096); // this server refuses as if it were protected
    client.Upload(Block_DB, 1, 4096);
    client.GetAgBlockInfo(Block_DB, 500);
    client.ListBlocksOfType(Block_SDB);
    client.ReadSZL(0x7777, 0);
}

function information()
{
    for (const id of [0x0011, 0x0012, 0x0013, 0x0014, 0x0019, 0x001c, 0x0025, 0x0037, 0x0074,
        0x00a0, 0x0424])
        client.ReadSZL(id, 0);
    for (const [id, index] of [[0x0111, 1], [0x0111, 6], [0x0111, 7], [0x011c, 1], [0x011c, 5],
        [0x0131, 1], [0x0131, 2], [0x0132, 1], [0x0132, 4], [0x0232, 4], [0x0092, 0],
        [0x0222, 1], [0x0591, 0], [0x0d91, 0]])
        client.ReadSZL(id, index);
    client.ReadSZLList();
    client.GetOrderCode();
    client.GetCpuInfo();
    client.GetCpInfo();
    client.GetProtection();
    client.PlcStatus();
}

function blocks()
{
    client.ListBlocks();
    for (const type of [Block_OB, Block_DB, Block_FC, Block_SFC, Block_FB, Block_SFB])
        client.ListBlocksOfType(type);
    client.GetAgBlockInfo(Block_DB, 1);
    client.DBGet(1);
    client.DBFill(1, 0x20);
}

function clock()
{
    client.GetPlcDateTime();
    client.SetPlcDateTime({ year: 2026, month: 1, day: 28,
        hours: 23, minutes: 59, seconds: 58 });
    client.SetPlcSystemDateTime();
    client.GetPlcDateTime();
}

function security()
{
    client.SetSessionPassword('PUMPS-07');
    client.SetSessionPassword('no');
    client.ClearSessionPassword();
}

function control()
{
    client.PlcStop();
    client.PlcStatus();
    client.CopyRamToRom(1000);
    client.Compress(1000);
    client.Delete(Block_DB, 2);
    client.Delete(Block_FC, 1);
    client.PlcHotStart();
    client.PlcStop();
    client.PlcColdStart();
    client.PlcStatus();
}

function tour()
{
    connect(client.CONNTYPE_PG, 0, 2);
    [variables, severalAtOnce, refused, information, blocks, clock, security, control]
        .forEach((part) => part());
    client.Disconnect();
    for (const [type, rack, slot] of [[client.CONNTYPE_OP, 0, 1],
        [client.CONNTYPE_BASIC, 1, 3]]) {
        connect(type, rack, slot);
        client.DBRead(1, 0, 8);
        client.Disconnect();
    }
    client.SetConnectionParams(host, 0x1000, 0x4d57); // TSAPs without rack and slot
    client.Connect();
    client.MBRead(0, 4);
    client.Disconnect();
}

function must(result, doing)
{
    if (result === false)
        throw new Error(doing + ': ' + client.ErrorText(client.LastError()));
    return result;
}

function program()
{
    connect(client.CONNTYPE_PG, 0, 2);
    must(client.GetOrderCode(), 'order code');
    must(client.GetCpuInfo(), 'names'); // comes in two parts
    const organisation = must(client.FullUpload(Block_OB, 1, 65536), 'upload OB 1');
    const data = must(client.FullUpload(Block_DB, 1, 65536), 'upload DB 1');
    must(client.Upload(Block_FB, 10, 4096), 'upload FB 10');
    client.FullUpload(Block_FC, 99, 4096); // there is none
    must(client.PlcStop(), 'stop');
    organisation.fill(0x65, 60, 80);
    client.Download(-1, organisation); // protected
    client.SetSessionPassword('BOILER-2');
    must(client.SetSessionPassword('BOILER-1'), 'password');
    must(client.Download(-1, organisation), 'download OB 1');
    must(client.Download(7, data), 'download as DB 7');
    client.Download(4711, data); // no such number
    must(client.FullUpload(Block_DB, 7, 65536), 'upload DB 7');
    must(client.Delete(Block_DB, 7), 'delete DB 7');
    client.Delete(Block_DB, 7);
    client.FullUpload(Block_DB, 7, 65536);
    must(client.PlcHotStart(), 'start');
    client.Disconnect();
}

({ tour, program })[what]();
