// The address space of our OPC UA server: a variable of each built-in type as scalar, array and
// matrix, node ids of every form, what may not be read or written, methods, history, events.
'use strict';
const {
    AccessRestrictionsFlag, DataType, DataValue, DiagnosticInfo, LocalizedText, QualifiedName,
    StatusCodes, Variant, VariantArrayType, coerceNodeId,
    Range, addAggregateSupport, standardUnits,
} = require('node-opcua');

const LARGE = 30000; // bytes: several chunks
const TICK_MS = 100;
const WHEN = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678));

const scalars = {
    Boolean: true, SByte: -128, Byte: 255, Int16: -32768, UInt16: 65535, Int32: -2147483648,
    UInt32: 4294967295, Int64: [0xffffffff, 0xfffffffe], UInt64: [0x12345678, 0x9abcdef0],
    Float: 20.5, Double: -1.25e-300, String: 'Kesselhaus \u2103', DateTime: WHEN,
    Guid: '72962B91-FA75-4AE6-8D28-B404DC7DAF63', ByteString: Buffer.from('00ff10', 'hex'),
    XmlElement: '<level unit="mm">417</level>', NodeId: coerceNodeId('ns=1;s=Pump1'),
    ExpandedNodeId: coerceNodeId('ns=1;i=70000'), StatusCode: StatusCodes.BadSensorFailure,
    QualifiedName: new QualifiedName({ namespaceIndex: 1, name: 'Pump1' }),
    LocalizedText: new LocalizedText({ locale: 'de', text: 'Pumpe l\u00e4uft' }),
    ExtensionObject: new Range({ low: -10, high: 110 }),
    DataValue: new DataValue({ value: { dataType: DataType.Int16, value: 7 },
        statusCode: StatusCodes.UncertainInitialValue, sourceTimestamp: WHEN }),
    Variant: new Variant({ dataType: DataType.String, value: 'inside' }),
    DiagnosticInfo: new DiagnosticInfo({ symbolicId: 3, additionalInfo: 'worn',
        innerStatusCode: StatusCodes.BadOutOfRange }),
};
const numbers = {
    Int16: Int16Array, UInt32: Uint32Array, Double: Float64Array,
};

function addTypes(space, folder)
{
    const add = (name, type, value) => space.addVariable({
        componentOf: folder, browseName: name, nodeId: 's=' + name, dataType: type,
        valueRank: value.arrayType ? value.arrayType : -1, value,
        arrayDimensions: value.dimensions,
        accessLevel: 'CurrentRead | CurrentWrite',
        userAccessLevel: 'CurrentRead | CurrentWrite',
    });

    for (const [name, value] of Object.entries(scalars)) {
        const dataType = DataType[name];
        const type = { DataValue: 'BaseDataType', Variant: 'BaseDataType',
            DiagnosticInfo: 'DiagnosticInfo', ExtensionObject: 'Range' }[name] || name;

        add('Scalar' + name, type, new Variant({ dataType,
            arrayType: VariantArrayType.Scalar, value }));
        add('Array' + name, type, new Variant({ dataType,
            arrayType: VariantArrayType.Array, value: [value, value, value] }));
    }
    add('Empty', 'Int32', new Variant({ dataType: DataType.Int32,
        arrayType: VariantArrayType.Array, value: [] }));
    for (const [name, Row] of Object.entries(numbers))
        add('Matrix' + name, name, new Variant({ dataType: DataType[name],
            arrayType: VariantArrayType.Matrix, dimensions: [2, 3],
            value: Row.from([1, 2, 3, 4, 5, 6]) }));
    add('Large', 'ByteString', new Variant({ dataType: DataType.ByteString,
        value: Buffer.alloc(LARGE, 'large ') }));
}

function addForms(space, folder)
{
    for (const [name, nodeId] of [['TwoByte', 'i=7'], ['FourByte', 'i=60000'],
        ['Numeric', 'i=70000'], ['String', 's=form'],
        ['Guid', 'g=1E14849E-3744-470d-8C7B-5F9110C2FA32'], ['Opaque', 'b=AQIDBA==']])
        space.addVariable({ componentOf: folder, browseName: 'Form' + name, nodeId,
            dataType: 'UInt16', value: { dataType: DataType.UInt16, value: 1 } });
}

function addRefusals(space, folder)
{
    space.addVariable({ componentOf: folder, browseName: 'ReadOnly', nodeId: 's=ReadOnly',
        dataType: 'Double', accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead',
        value: { dataType: DataType.Double, value: 4.2 } });
    space.addVariable({ componentOf: folder, browseName: 'WriteOnly', nodeId: 's=WriteOnly',
        dataType: 'Double', accessLevel: 'CurrentWrite', userAccessLevel: 'CurrentWrite',
        value: { dataType: DataType.Double, value: 0 } });
    space.addVariable({ componentOf: folder, browseName: 'Private', nodeId: 's=Private',
        dataType: 'Double', accessRestrictions: AccessRestrictionsFlag.EncryptionRequired,
        value: { dataType: DataType.Double, value: 0 } });
    space.addVariable({ componentOf: folder, browseName: 'Broken', nodeId: 's=Broken',
        dataType: 'Double', minimumSamplingInterval: 100, value: { timestamped_get: () =>
            new DataValue({ statusCode: StatusCodes.BadDeviceFailure, sourceTimestamp: WHEN }) } });
}

function setSpeed([{ value: speed }], pump, speedNow)
{
    if (speed > 3000)
        return { statusCode: StatusCodes.BadOutOfRange,
            inputArgumentResults: [StatusCodes.BadOutOfRange] };
    const before = speedNow.readValue().value.value;

    speedNow.setValueFromSource({ dataType: DataType.Double, value: speed });
    pump.raiseEvent('BaseEventType', {
        message: { dataType: DataType.LocalizedText, value: { text: 'speed ' + speed } },
        severity: { dataType: DataType.UInt16, value: 300 },
    });
    return { statusCode: StatusCodes.Good, outputArguments: [
        { dataType: DataType.Double, value: before }] };
}

function addPump(space, plant, server)
{
    const pump = space.addObject({ organizedBy: plant, browseName: 'Pump1',
        nodeId: 's=Pump1', notifierOf: server, eventNotifier: 1 });
    const speed = space.addAnalogDataItem({ componentOf: pump, browseName: 'Speed',
        nodeId: 's=Pump1.Speed', dataType: 'Double', minimumSamplingInterval: 10,
        engineeringUnitsRange: { low: 0, high: 3000 },
        engineeringUnits: standardUnits.revolutions_per_minute,
        value: { dataType: DataType.Double, value: 1450 } });
    const set = space.addMethod(pump, { browseName: 'SetSpeed', nodeId: 's=Pump1.SetSpeed',
        inputArguments: [{ name: 'Speed', dataType: DataType.Double,
            description: { text: 'in 1/min' } }],
        outputArguments: [{ name: 'Before', dataType: DataType.Double,
            description: { text: 'in 1/min' } }] });
    const stop = space.addMethod(pump, { browseName: 'Stop', nodeId: 's=Pump1.Stop',
        inputArguments: [], outputArguments: [] });

    set.bindMethod((args, context, done) => done(null, setSpeed(args, pump, speed)));
    stop.bindMethod((args, context, done) => done(null,
        { statusCode: StatusCodes.BadInvalidState }));
    return pump;
}

function addLevel(addressSpace, space, folder, pump)
{
    const level = space.addVariable({ componentOf: folder, browseName: 'Level',
        nodeId: 's=Level', eventSourceOf: pump, dataType: 'Double', minimumSamplingInterval: 10,
        value: { dataType: DataType.Double, value: 40 } });
    let step = 0;

    addressSpace.installHistoricalDataNode(level, { maxOnlineValues: 40 });
    const timer = setInterval(() => level.setValueFromSource(
        { dataType: DataType.Double, value: 40 + (++step % 17) / 4 }), TICK_MS);

    addressSpace.registerShutdownTask(() => clearInterval(timer));
    return level;
}

function addAlarm(space, pump, level)
{
    space.instantiateExclusiveLimitAlarm('ExclusiveLimitAlarmType', {
        browseName: 'LevelAlarm', nodeId: 's=LevelAlarm', componentOf: pump,
        conditionSource: level, inputNode: level, highLimit: 43, highHighLimit: 60,
        lowLimit: 10, lowLowLimit: 5, optionals: ['Confirm', 'Confirmed'] })
        .setEnabledState(true);
}

exports.build = (addressSpace) => {
    addAggregateSupport(addressSpace);
    const space = addressSpace.getOwnNamespace();
    const objects = addressSpace.rootFolder.objects;
    const plant = space.addFolder(objects, { browseName: 'Plant', nodeId: 's=Plant' });
    const folder = (browseName) => space.addFolder(plant, { browseName });

    addTypes(space, folder('Types'));
    addForms(space, folder('Forms'));
    addRefusals(space, folder('Refusals'));
    const pump = addPump(space, plant, objects.server);
    const level = addLevel(addressSpace, space, folder('Tank'), pump);

    addAlarm(space, pump, level);
};
