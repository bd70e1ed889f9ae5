// A server on node-opcua. usage: opcua-server.js HOST PORT FOLDER [clear] [reverse URL]
//   FOLDER    for its keys and certificates
//   clear     user names may come without encryption on an endpoint without security
//   reverse   connects to a client that listens at URL
'use strict';
const path = require('path');
const {
    OPCUACertificateManager, OPCUAServer, UserTokenPolicy, UserTokenType, SecurityPolicy,
    MessageSecurityMode,
} = require('node-opcua');
const plant = require('./opcua-plant.js');

const [host, port, rootFolder, ...options] = process.argv.slice(2);
const users = { operator: 'Kessel-7', engineer: 'p\u00fcmpe' };

const LIMITS = { receiveBufferSize: 8192, sendBufferSize: 8192, maxMessageSize: 1 << 20,
    maxChunkCount: 200 }; // the smallest chunks that there may be

function certificates(name)
{
    return new OPCUACertificateManager({ rootFolder: path.join(rootFolder, name),
        automaticallyAcceptUnknownCertificate: true });
}

// A client takes the strongest encryption offered, so none is.
function allowClear(server)
{
    for (const description of server.endpoints.flatMap((e) => e.endpointDescriptions()))
        if (description.securityMode === MessageSecurityMode.None)
            description.userIdentityTokens = [
                new UserTokenPolicy({ policyId: 'open', tokenType: UserTokenType.Anonymous }),
                new UserTokenPolicy({ policyId: 'clear', tokenType: UserTokenType.UserName })];
}

async function main()
{
    const reverse = options.indexOf('reverse');
    const server = new OPCUAServer({
        port: Number(port), resourcePath: '/plant', hostname: host,
        serverInfo: { applicationName: { text: 'Pump house', locale: 'en' },
            applicationUri: 'urn:plant.example:pumphouse', productUri: 'urn:example:pm-700' },
        buildInfo: { productName: 'PM-700', productUri: 'urn:example:pm-700',
            manufacturerName: 'Example Works', softwareVersion: '3.2.1', buildNumber: '417',
            buildDate: new Date(Date.UTC(2026, 0, 15)) },
        securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256,
            SecurityPolicy.Aes128_Sha256_RsaOaep, SecurityPolicy.Aes256_Sha256_RsaPss],
        userManager: { isValidUser: (name, password) => users[name] === password },
        serverCertificateManager: certificates('servers'),
        userCertificateManager: certificates('users'),
        transportSettings: { adjustTransportLimits: (hello) => ({ ...hello, ...LIMITS }) },
        allowAnonymousSubscriptionTransferOnUnsecuredChannel: true,
        serverCapabilities: { maxHistoryContinuationPoints: 10, maxBrowseContinuationPoints: 10 },
        reverseConnect: reverse < 0 ? undefined
            : { connections: [{ endpointUrl: options[reverse + 1] }] },
    });

    await server.initialize();
    plant.build(server.engine.addressSpace);
    if (options.includes('clear'))
        allowClear(server);
    await server.start();
    process.on('SIGTERM', () => process.exit(0));
}

main();
