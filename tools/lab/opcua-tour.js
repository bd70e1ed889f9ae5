// What a client asks of our OPC UA server, one function a topic; each is given a session.
// Requests that the server refuses are sent like the others.
'use strict';
const opcua = require('node-opcua');
const {
    AttributeIds, DataType, StatusCodes, TimestampsToReturn, Variant, VariantArrayType,
} = opcua;

const ALL_ATTRIBUTES = Array.from({ length: 27 }, (_, i) => i + 1);
const TYPES = ['Boolean', 'SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64',
    'UInt64', 'Float', 'Double', 'String', 'DateTime', 'Guid', 'ByteString', 'XmlElement',
    'NodeId', 'ExpandedNodeId', 'StatusCode', 'QualifiedName', 'LocalizedText',
    'ExtensionObject', 'DataValue', 'Variant', 'DiagnosticInfo'];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const own = (name) => 'ns=1;s=' + name;
const value = (nodeId, more) => ({ nodeId, attributeId: AttributeIds.Value, ...more });

// The answer, or the error when the answer is a fault.
const ask = (target, request) => new Promise((done) =>
    target.performMessageTransaction(request, (error, answer) => done(error || answer)));

async function refused(promise)
{
    try {
        return await promise;
    } catch (error) {
        return error;
    }
}

async function browse(session)
{
    const forward = { referenceTypeId: 'HierarchicalReferences', includeSubtypes: true,
        browseDirection: opcua.BrowseDirection.Forward, resultMask: 63 };

    await session.browse('RootFolder');
    await session.browse([{ nodeId: 'ObjectsFolder', ...forward },
        { nodeId: own('Plant'), ...forward },
        { nodeId: own('Pump1'), browseDirection: opcua.BrowseDirection.Both, resultMask: 63 },
        { nodeId: 'i=2253', ...forward, nodeClassMask: 4 },
        { nodeId: own('Nowhere'), ...forward }]);
    session.requestedMaxReferencesPerNode = 2;
    let part = await session.browse({ nodeId: own('Pump1'), ...forward });

    part = await session.browseNext(part.continuationPoint, false);
    await session.browseNext(part.continuationPoint, true); // released unread
    await session.browseNext(Buffer.from('gone'), false);
    session.requestedMaxReferencesPerNode = 0;
}

async function translate(session)
{
    await session.translateBrowsePath(opcua.makeBrowsePath('RootFolder',
        '/Objects/Server.ServerStatus.BuildInfo'));
    await session.translateBrowsePath([
        opcua.makeBrowsePath('RootFolder', '/Objects/1:Plant/1:Pump1'),
        opcua.makeBrowsePath('RootFolder', '/Objects/1:Plant/1:Nothing')]);
}

async function register(session)
{
    const aliases = await session.registerNodes([own('Level'), own('Pump1.Speed')]);

    await session.read(aliases.map((nodeId) => value(nodeId)));
    await session.unregisterNodes(aliases);
}

async function read(session)
{
    for (const kind of ['Scalar', 'Array'])
        await session.read(TYPES.map((type) => value(own(kind + type))));
    for (const name of ['Empty', 'MatrixInt16', 'MatrixUInt32', 'MatrixDouble', 'Large'])
        await session.read(value(own(name)));
    for (const nodeId of [own('Pump1.Speed'), own('Pump1.SetSpeed'), 'i=2253', 'i=58', 'i=296',
        'i=33', 'i=11', 'i=7616'])
        await session.read(ALL_ATTRIBUTES.map((attributeId) => ({ nodeId, attributeId })));
    await session.read(['i=2255', 'i=2254', 'i=2256', 'i=2259', 'i=2260', 'i=11705', 'i=2994']
        .map((nodeId) => value(nodeId)), 500);
    await session.read(['ns=1;i=7', 'ns=1;i=60000', 'ns=1;i=70000', own('form'),
        'ns=1;g=1E14849E-3744-470d-8C7B-5F9110C2FA32', 'ns=1;b=AQIDBA=='].map((n) => value(n)));
    await session.read([value(own('ArrayDouble'), { indexRange: '1:2' }),
        value(own('MatrixInt16'), { indexRange: '0,1:2' }),
        value(own('ArrayInt32'), { indexRange: '7:9' })]);
    await session.read([value(own('Nowhere')), value(own('Pump1')),
        value(own('WriteOnly')), value(own('Private')), value(own('Broken')),
        value('ns=77;i=1'), value(own('Level'), { dataEncoding: { name: 'Default XML' } })]);
}

async function readStamps(session)
{
    for (const timestampsToReturn of [TimestampsToReturn.Source, TimestampsToReturn.Server,
        TimestampsToReturn.Neither, TimestampsToReturn.Both])
        await ask(session, new opcua.ReadRequest({ nodesToRead: [value(own('Level'))],
            timestampsToReturn, maxAge: 0 }));
    await ask(session, new opcua.ReadRequest({ nodesToRead: [] }));
}

async function write(session)
{
    const present = await session.read(TYPES.map((type) => value(own('Scalar' + type))));
    const put = (name, variant, more) => value(own(name), { value: { value: variant }, ...more });
    const double = (v) => ({ dataType: DataType.Double, value: v });

    await refused(session.write(TYPES.map((type, i) => put('Scalar' + type, present[i].value))));
    await session.write(put('ScalarDouble', double(3.5)));
    await session.write(put('ScalarString', { dataType: DataType.String, value: 'Pumpe 7' }));
    await session.write(put('ArrayDouble', { dataType: DataType.Double,
        arrayType: VariantArrayType.Array, value: Float64Array.from([1, 2]) },
    { indexRange: '0:1' }));
    await session.write(value(own('ScalarDouble'), { value: { value: double(4),
        statusCode: StatusCodes.UncertainLastUsableValue,
        sourceTimestamp: new Date(Date.UTC(2026, 0, 5)) } }));
    await session.write([put('ReadOnly', double(1)), put('Private', double(1)),
        put('Nowhere', double(1)), put('ScalarInt16', { dataType: DataType.String, value: '1' }),
        put('ArrayDouble', { dataType: DataType.Double, arrayType: VariantArrayType.Array,
            value: Float64Array.from([1, 2]) }, { indexRange: '8:9' }),
        { nodeId: own('Level'), attributeId: AttributeIds.BrowseName, value: { value:
            { dataType: DataType.QualifiedName, value: { name: 'x' } } } }]);
    await session.write(put('Large', { dataType: DataType.ByteString,
        value: Buffer.alloc(30000, 'written ') }));
}

async function call(session)
{
    const method = (name, ...inputArguments) => ({ objectId: own('Pump1'),
        methodId: own('Pump1.' + name), inputArguments });
    const speed = (v) => ({ dataType: DataType.Double, value: v });

    await session.getArgumentDefinition(own('Pump1.SetSpeed'));
    await session.call(method('SetSpeed', speed(1500)));
    await session.call([method('SetSpeed', speed(1600)), method('SetSpeed', speed(9999)),
        method('SetSpeed'), method('SetSpeed', { dataType: DataType.String, value: 'fast' }),
        method('SetSpeed', speed(1), speed(2)), method('Stop'), method('Explode'),
        { objectId: own('Nowhere'), methodId: own('Pump1.Stop'), inputArguments: [] }]);
    await ask(session, new opcua.CallRequest({ requestHeader: { returnDiagnostics: 0x3ff },
        methodsToCall: [method('SetSpeed', speed(7777))] }));
}

async function history(session)
{
    const end = new Date();
    const start = new Date(end.getTime() - 60000);
    const nodesToRead = [{ nodeId: own('Level') }];
    const details = (historyReadDetails, more) => ask(session, new opcua.HistoryReadRequest(
        { historyReadDetails, nodesToRead, timestampsToReturn: TimestampsToReturn.Both,
            ...more }));
    const raw = new opcua.ReadRawModifiedDetails({ startTime: start, endTime: end,
        numValuesPerNode: 5, isReadModified: false, returnBounds: true });

    await session.readHistoryValue([own('Level'), own('Pump1.Speed')], start, end);
    const part = await details(raw);

    if (part.results && part.results[0].continuationPoint)
        await details(raw, { nodesToRead: [{ nodeId: own('Level'),
            continuationPoint: part.results[0].continuationPoint }],
        releaseContinuationPoints: true });
    await refused(session.readAggregateValue({ nodeId: own('Level') }, start, end,
        opcua.AggregateFunction.Average, 10000));
    await details(new opcua.ReadAtTimeDetails({ reqTimes: [start, end],
        useSimpleBounds: true }));
    await details(new opcua.ReadEventDetails({ numValuesPerNode: 3, startTime: start,
        endTime: end, filter: opcua.constructEventFilter(['Message', 'Severity']) }));
    await ask(session, new opcua.HistoryUpdateRequest({ historyUpdateDetails: [] }));
}

async function unsupported(session)
{
    const item = { requestedNewNodeId: own('New'), parentNodeId: 'i=85', referenceTypeId: 'i=35',
        browseName: { name: 'New', namespaceIndex: 1 }, nodeClass: opcua.NodeClass.Object,
        typeDefinition: 'i=58' };
    const reference = { sourceNodeId: own('Plant'), referenceTypeId: 'i=35', isForward: true,
        targetNodeId: own('Pump1') };

    for (const request of [
        new opcua.AddNodesRequest({ nodesToAdd: [item] }),
        new opcua.DeleteNodesRequest({ nodesToDelete: [{ nodeId: own('Pump1'),
            deleteTargetReferences: true }] }),
        new opcua.AddReferencesRequest({ referencesToAdd: [{ ...reference,
            targetNodeClass: opcua.NodeClass.Object }] }),
        new opcua.DeleteReferencesRequest({ referencesToDelete: [{ ...reference,
            deleteBidirectional: true }] }),
        new opcua.QueryFirstRequest({ nodeTypes: [{ typeDefinitionNode: 'i=58',
            includeSubTypes: true }] }),
        new opcua.QueryNextRequest({ releaseContinuationPoint: true }),
        new opcua.CancelRequest({ requestHandle: 417 }),
    ])
        await ask(session, request);
}

module.exports = { ask, browse, call, history, own, read, readStamps, refused, register, sleep,
    translate, unsupported, value, write };
