// A controller on snap7: every area, two data blocks. usage: s7-server.js [HOST]
'use strict';
const snap7 = require('node-snap7');

const server = new snap7.S7Server();

function pattern(length, step)
{
    return Buffer.from(Array.from({ length }, (_, i) => (i * step) & 0xff));
}

for (const [area, length] of [
    [server.srvAreaPE, 128], [server.srvAreaPA, 128], [server.srvAreaMK, 256],
    [server.srvAreaCT, 64], [server.srvAreaTM, 64],
])
    server.RegisterArea(area, pattern(length, 1));
server.RegisterArea(server.srvAreaDB, 1, pattern(512, 3));
server.RegisterArea(server.srvAreaDB, 2, pattern(2000, 7));
server.SetCpuStatus(server.S7CpuStatusRun);
server.StartTo(process.argv[2] || '0.0.0.0', (error) => {
    if (error) {
        console.error(server.ErrorText(error));
        process.exit(1);
    }
});
setInterval(() => {}, 1000);
