// Requests and responses of all services with random contents, the same ones for a seed: bodies()
// yields [name, id of the binary encoding, bytes]. node-opcua encodes them.
'use strict';
const opcua = { ...require('node-opcua-types'), ...require('node-opcua') };
const { BinaryStream } = require('node-opcua-binary-stream');

const SERVICES = ['FindServers', 'FindServersOnNetwork', 'GetEndpoints', 'RegisterServer',
    'RegisterServer2', 'CreateSession', 'ActivateSession', 'CloseSession', 'Cancel', 'AddNodes',
    'AddReferences', 'DeleteNodes', 'DeleteReferences', 'Browse', 'BrowseNext',
    'TranslateBrowsePathsToNodeIds', 'RegisterNodes', 'UnregisterNodes', 'QueryFirst',
    'QueryNext', 'Read', 'HistoryRead', 'Write', 'HistoryUpdate', 'Call',
    'CreateMonitoredItems', 'ModifyMonitoredItems', 'SetMonitoringMode', 'SetTriggering',
    'DeleteMonitoredItems', 'CreateSubscription', 'ModifySubscription', 'SetPublishingMode',
    'Publish', 'Republish', 'TransferSubscriptions', 'DeleteSubscriptions'];
const IN_FIELDS = { // what an extension object of this name holds
    historyReadDetails: ['ReadRawModifiedDetails', 'ReadProcessedDetails', 'ReadAtTimeDetails',
        'ReadEventDetails'],
    historyUpdateDetails: ['UpdateDataDetails', 'UpdateStructureDataDetails',
        'UpdateEventDetails', 'DeleteRawModifiedDetails', 'DeleteAtTimeDetails',
        'DeleteEventDetails'],
    historyData: ['HistoryData', 'HistoryModifiedData', 'HistoryEvent'],
    filter: ['DataChangeFilter', 'EventFilter', 'AggregateFilter'],
    filterResult: ['EventFilterResult', 'AggregateFilterResult'],
    notificationData: ['DataChangeNotification', 'EventNotificationList',
        'StatusChangeNotification'],
    nodeAttributes: ['ObjectAttributes', 'VariableAttributes', 'MethodAttributes',
        'ObjectTypeAttributes', 'VariableTypeAttributes', 'ReferenceTypeAttributes',
        'DataTypeAttributes', 'ViewAttributes'],
    userIdentityToken: ['AnonymousIdentityToken', 'UserNameIdentityToken', 'X509IdentityToken',
        'IssuedIdentityToken'],
    filterOperands: ['ElementOperand', 'LiteralOperand', 'AttributeOperand',
        'SimpleAttributeOperand'],
    discoveryConfiguration: ['MdnsDiscoveryConfiguration'],
    additionalHeader: [],
};
const IN_VALUES = ['Argument', 'BuildInfo', 'ServerStatusDataType', 'EUInformation', 'Range',
    'Annotation', 'AxisInformation', 'XVType', 'TimeZoneDataType', 'ServiceCounterDataType',
    'SessionSecurityDiagnosticsDataType', 'StatusResult', 'ModelChangeStructureDataType',
    'SemanticChangeStructureDataType', 'ComplexNumberType', 'OptionSet', 'KeyValuePair',
    'UserTokenPolicy', 'EndpointDescription'];
const BUILTIN = ['Boolean', 'SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64',
    'UInt64', 'Float', 'Double', 'String', 'DateTime', 'Guid', 'NodeId', 'ExpandedNodeId',
    'StatusCode', 'QualifiedName', 'LocalizedText'];
const NESTING = ['ExtensionObject', 'DataValue', 'Variant'];
const GUID = '72962B91-FA75-4AE6-8D28-B404DC7DAF63';
const TEXTS = [null, '', 'pump', 'Wärme', 'ns=1;s=Tank',
    'a longer text, of some forty characters'];
const REALS = [0, 1.5, -2.25, 1000, 0.125, 1e10];
const STATUSES = ['Good', 'BadNodeIdUnknown', 'BadTimeout', 'UncertainInitialValue'];
const DEPTH = 5;

let state = 1;

function below(n)
{
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
}

const pick = (list) => list[below(list.length)];
const chance = (percent) => below(100) < percent;
const several = (count, make) => Array.from({ length: count }, make);
const time = () => new Date(Date.UTC(2026, below(12), 1 + below(28), 3, 4, 5, below(1000)));

const makers = {
    Boolean: () => chance(50), SByte: () => below(256) - 128, Byte: () => below(256),
    Int16: () => below(65536) - 32768, UInt16: () => below(65536),
    Int32: () => below(2 ** 32) - 2 ** 31, UInt32: () => below(2 ** 32),
    Int64: () => [below(2 ** 31), below(2 ** 32)], UInt64: () => [below(2 ** 31), below(2 ** 32)],
    Float: () => pick(REALS), Double: () => pick(REALS), String: () => pick(TEXTS),
    DateTime: time, Guid: () => GUID, ByteString: () => Buffer.from([1, 2, 3, 255]),
    StatusCode: () => opcua.StatusCodes[pick(STATUSES)],
    NodeId: () => opcua.resolveNodeId(pick(['i=84', 'ns=2;i=70000', 'ns=300;i=9', 'ns=1;s=Pump',
        'ns=3;g=' + GUID, 'ns=4;b=YWJj', 'i=0'])),
    QualifiedName: () => new opcua.QualifiedName({ namespaceIndex: below(3), name: pick(TEXTS) }),
    LocalizedText: () => new opcua.LocalizedText({ locale: pick([null, 'en']), text: 'Grün' }),
    NumericRange: () => new opcua.NumericRange(pick([undefined, '1:2', '0:1,2:3'])),
    ExtensionObject: (depth) => depth > 0 && chance(70) ? make(pick(IN_VALUES), depth - 1) : null,
    Variant: variant, DataValue: dataValue, DiagnosticInfo: diagnostics,
    ExpandedNodeId: () => {
        const id = makers.NodeId();
        return new opcua.ExpandedNodeId(id.identifierType, id.value, id.namespace, null, below(3));
    },
};

// Of text and locale only one: decoders do not agree on their order.
function diagnostics(depth)
{
    return new opcua.DiagnosticInfo({
        symbolicId: chance(50) ? below(9) : undefined,
        [pick(['locale', 'localizedText'])]: below(9),
        additionalInfo: chance(30) ? 'more' : undefined,
        innerStatusCode: chance(30) ? makers.StatusCode() : undefined,
        innerDiagnosticInfo: depth > DEPTH - 2 && chance(30) ? diagnostics(depth - 1) : undefined,
    });
}

function variant(depth)
{
    const type = pick(depth > 0 ? BUILTIN.concat(NESTING) : BUILTIN);
    const shape = type === 'Variant' ? 60 + below(40) : below(100); // none in a variant alone
    const one = () => makers[type](depth - 1);
    const dataType = opcua.DataType[type];

    if (shape < 60)
        return new opcua.Variant({ dataType, arrayType: 'Scalar', value: one() });
    if (shape < 85)
        return new opcua.Variant({ dataType, arrayType: 'Array', value: several(below(4), one) });
    return new opcua.Variant({ dataType, arrayType: 'Matrix', dimensions: [2, 3],
        value: several(6, one) });
}

function dataValue(depth)
{
    return new opcua.DataValue({
        value: chance(80) ? variant(depth) : undefined,
        statusCode: makers.StatusCode(),
        sourceTimestamp: chance(50) ? time() : undefined,
        serverTimestamp: chance(50) ? time() : undefined,
    });
}

function fieldsOf(type)
{
    const base = opcua[type.schema.baseType];
    const inherited = base && base.schema && base.schema.fields ? fieldsOf(base) : [];

    return inherited.concat(type.schema.fields || []);
}

function fieldValue(field, depth)
{
    const inside = field.fieldType === 'ExtensionObject' && IN_FIELDS[field.name];

    if (inside)
        return inside.length ? make(pick(inside), depth - 1) : null;
    if (field.name === 'attributeId')
        return 1 + below(27);
    if (field.category === 'enumeration')
        return pick(field.schema.typedEnum.enumItems).value;
    if (field.category === 'complex')
        return make(field.fieldType, depth);
    const maker = makers[field.fieldType] || makers[field.schema && field.schema.subType];
    return maker ? maker(depth) : field.defaultValue;
}

function make(name, depth)
{
    const values = {};

    for (const field of fieldsOf(opcua[name]))
        values[field.name] = field.isArray ? several(below(3), () => fieldValue(field, depth))
            : fieldValue(field, depth);
    return new opcua[name](values);
}

exports.bodies = function* (seed)
{
    state = seed;
    for (const service of SERVICES)
        for (const name of [service + 'Request', service + 'Response']) {
            const stream = new BinaryStream(1 << 16);
            const body = make(name, DEPTH);
            body.encode(stream);
            yield [name, body.schema.encodingDefaultBinary.value,
                stream.buffer.subarray(0, stream.length)];
        }
};
