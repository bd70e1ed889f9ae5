// A client on node-opcua. usage: opcua-client.js tour|short|users|clear|poll|reverse URL FOLDER
//                                                [MODE POLICY]...
//   tour      discovery, then everything a session can ask, in one channel each MODE and POLICY
//   short     some of it
//   users     who may log in: anonymous, user names, wrong passwords, a certificate
//   clear     user names to a server that takes them unencrypted
//   poll      reads, writes and a subscription for some seconds
//   reverse   listens at the URL that comes instead of MODE; the server connects
// MODE is None, Sign or SignAndEncrypt; FOLDER is for keys and certificates.
'use strict';
const { X509Certificate } = require('crypto');
const fs = require('fs');
const path = require('path');
const opcua = require('node-opcua');
const tour = require('./opcua-tour.js');
const { subscribe, transfer, watch } = require('./opcua-subscribe.js');

const [what, url, rootFolder, ...security] = process.argv.slice(2);
const { UserTokenType } = opcua;
const TOKEN_MS = 2000; // renewed when three quarters are over
const certificates = new opcua.OPCUACertificateManager({ rootFolder,
    automaticallyAcceptUnknownCertificate: true });

function create(mode, policy, more)
{
    return opcua.OPCUAClient.create({ applicationName: 'Operator station',
        applicationUri: 'urn:station.example:operator', clientName: 'station',
        clientCertificateManager: certificates, endpointMustExist: false,
        securityMode: opcua.MessageSecurityMode[mode || 'None'],
        securityPolicy: opcua.SecurityPolicy[policy || 'None'],
        connectionStrategy: { maxRetry: 0 }, defaultSecureTokenLifetime: TOKEN_MS,
        transportSettings: { receiveBufferSize: 8192, sendBufferSize: 8192 },
        keepSessionAlive: false, ...more });
}

// A channel for each mode and policy asked for.
async function channels(visit, more)
{
    for (let i = 0; i < Math.max(security.length, 1); i += 2) {
        const client = create(security[i], security[i + 1], more);

        await client.connect(url);
        await visit(client);
        await client.disconnect();
    }
}

async function discover(client)
{
    const server = { serverUri: 'urn:plant.example:other', productUri: 'urn:example:pm-700',
        serverNames: [{ text: 'Other' }], serverType: opcua.ApplicationType.Server,
        discoveryUrls: ['opc.tcp://10.10.1.49:4840'], isOnline: true };

    await client.findServers();
    await client.getEndpoints();
    await tour.ask(client, new opcua.GetEndpointsRequest({ endpointUrl: url,
        localeIds: ['de', 'en'], profileUris: ['http://opcfoundation.org/none'] }));
    await tour.ask(client, new opcua.FindServersOnNetworkRequest({ maxRecordsToReturn: 5,
        serverCapabilityFilter: ['DA', 'HD'] }));
    await tour.ask(client, new opcua.RegisterServerRequest({ server }));
    await tour.ask(client, new opcua.RegisterServer2Request({ server }));
}

async function inSession(client, topics, user)
{
    const session = await client.createSession(user);

    for (const topic of topics)
        await topic(session);
    await session.close(true);
}

const { browse, translate, register, read, readStamps, write, call, history,
    unsupported } = tour;
const all = [browse, translate, register, read, readStamps, write, call, history, subscribe,
    unsupported];
const some = [browse, call, history, subscribe];

async function wholeTour(client)
{
    await discover(client);
    await inSession(client, all);
    await transfer(client);
}

// Goes without CloseSession and CloseSecureChannel: the program ends.
async function leave()
{
    const client = create(security[0], security[1]);

    await client.connect(url);
    const session = await client.createSession();

    await session.read(tour.value('i=2256'));
}

function named(userName, password)
{
    return { type: UserTokenType.UserName, userName, password };
}

function certified()
{
    const keys = path.join(rootFolder, 'own');

    return { type: UserTokenType.Certificate,
        certificateData: new X509Certificate(
            fs.readFileSync(path.join(keys, 'certs/client_certificate.pem'))).raw,
        privateKey: fs.readFileSync(path.join(keys, 'private/private_key.pem'), 'utf8') };
}

async function logins(client)
{
    const users = [undefined, named('operator', 'Kessel-7'), named('operator', 'kessel-7'),
        named('nobody', ''), named('engineer', 'p\u00fcmpe')];

    if (what === 'users')
        users.push(certified());
    for (const user of users)
        await tour.refused(inSession(client, [(session) =>
            session.read(tour.value(tour.own('Level')))], user));
    await changeUser(client);
}

// The same session, then another user, then a wrong one.
async function changeUser(client)
{
    const session = await client.createSession();

    for (const user of [named('operator', 'Kessel-7'), named('operator', 'guess')])
        await tour.refused(session.changeUser(user));
    await session.close(true);
}

async function poll(client)
{
    const session = await client.createSession();
    const unwatch = await watch(session);

    console.log('under way');
    for (let round = 0; round < 30; round++) {
        await session.read(['Level', 'Pump1.Speed', 'ScalarInt32', 'ArrayDouble']
            .map((name) => tour.value(tour.own(name))));
        if (round % 5 === 0)
            await session.write(tour.value(tour.own('ScalarDouble'), { value: { value:
                { dataType: opcua.DataType.Double, value: round } } }));
        await tour.sleep(100);
    }
    await browse(session);
    await call(session);
    await unwatch();
    await session.close(true);
}

async function reverse()
{
    const listener = new opcua.ClientReverseConnect({ connectionUrl: security[0] });
    const client = create('None', 'None');

    await listener.start();
    await client.connectReverse(listener);
    await inSession(client, [browse, read]);
    await client.disconnect();
    await listener.stop();
}

const parts = {
    tour: () => channels(wholeTour).then(leave),
    short: () => channels((client) => inSession(client, some)),
    users: () => channels(logins),
    clear: () => channels(logins),
    poll: () => channels(poll, { defaultSecureTokenLifetime: 600000 }),
    reverse,
};

parts[what]().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
