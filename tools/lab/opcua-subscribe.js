// Subscriptions: data changes, events, changes to them, publishing, transfer.
'use strict';
const opcua = require('node-opcua');
const { AttributeIds, TimestampsToReturn } = opcua;
const { ask, own, refused, sleep, value } = require('./opcua-tour.js');

const SETTINGS = { requestedPublishingInterval: 100, requestedLifetimeCount: 600,
    requestedMaxKeepAliveCount: 5, maxNotificationsPerPublish: 100, publishingEnabled: true,
    priority: 1 };

let handle = 0;

function item(nodeId, more)
{
    return { itemToMonitor: value(nodeId), monitoringMode: opcua.MonitoringMode.Reporting,
        requestedParameters: { clientHandle: ++handle, samplingInterval: 50, queueSize: 10,
            discardOldest: true, ...more } };
}

function events(nodeId)
{
    const wanted = item(nodeId, { samplingInterval: 0, queueSize: 100,
        filter: opcua.constructEventFilter(['EventId', 'EventType', 'SourceName', 'Time',
            'Message', 'Severity', 'ActiveState.Id']) });

    wanted.itemToMonitor.attributeId = AttributeIds.EventNotifier;
    return wanted;
}

function deadband(deadbandType, deadbandValue)
{
    return { filter: new opcua.DataChangeFilter({ deadbandType, deadbandValue,
        trigger: opcua.DataChangeTrigger.StatusValue }) };
}

function monitored(session, subscriptionId)
{
    return ask(session, new opcua.CreateMonitoredItemsRequest({ subscriptionId,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToCreate: [item(own('Level')),
            item(own('Pump1.Speed'), deadband(opcua.DeadbandType.Percent, 1)),
            item(own('ScalarDouble'), deadband(opcua.DeadbandType.Absolute, 0.5)),
            item('i=2258'), events('i=2253'), item(own('Nowhere')), item(own('Broken'))] }));
}

async function create(session)
{
    return (await session.createSubscription(SETTINGS)).subscriptionId;
}

// Publish requests, each acknowledging what the one before brought, until there is nothing to
// publish any more. The first notification is left to be asked for again.
async function publish(session)
{
    let subscriptionAcknowledgements = [];

    for (;;) {
        const answer = await ask(session,
            new opcua.PublishRequest({ subscriptionAcknowledgements }));

        if (answer instanceof Error)
            return;
        const { sequenceNumber, notificationData } = answer.notificationMessage;

        subscriptionAcknowledgements = notificationData.length && sequenceNumber > 1
            ? [{ subscriptionId: answer.subscriptionId, sequenceNumber }] : [];
    }
}

function remove(session, ...subscriptionIds)
{
    return ask(session, new opcua.DeleteSubscriptionsRequest({ subscriptionIds }));
}

function setSpeed(session, speed)
{
    return session.call({ objectId: own('Pump1'), methodId: own('Pump1.SetSpeed'),
        inputArguments: [{ dataType: opcua.DataType.Double, value: speed }] });
}

function refreshConditions(session, subscriptionId)
{
    return session.call({ objectId: 'i=2782', methodId: 'i=3875', inputArguments: [
        { dataType: opcua.DataType.UInt32, value: subscriptionId }] });
}

async function change(session, subscriptionId, ids)
{
    await ask(session, new opcua.ModifyMonitoredItemsRequest({ subscriptionId,
        timestampsToReturn: TimestampsToReturn.Source, itemsToModify: [
            { monitoredItemId: ids[0], requestedParameters: { clientHandle: 91,
                samplingInterval: 200, queueSize: 2, discardOldest: false } },
            { monitoredItemId: 999999, requestedParameters: {} }] }));
    await ask(session, new opcua.SetMonitoringModeRequest({ subscriptionId,
        monitoringMode: opcua.MonitoringMode.Sampling, monitoredItemIds: [ids[3]] }));
    await ask(session, new opcua.SetTriggeringRequest({ subscriptionId,
        triggeringItemId: ids[0], linksToAdd: [ids[3]], linksToRemove: [999999] }));
    await ask(session, new opcua.ModifySubscriptionRequest({ subscriptionId, ...SETTINGS,
        requestedPublishingInterval: 200 }));
    await ask(session, new opcua.RepublishRequest({ subscriptionId,
        retransmitSequenceNumber: 1 }));
    await ask(session, new opcua.RepublishRequest({ subscriptionId,
        retransmitSequenceNumber: 77777 }));
    for (const publishingEnabled of [false, true])
        await ask(session, new opcua.SetPublishingModeRequest({ publishingEnabled,
            subscriptionIds: [subscriptionId, 424242] }));
}

exports.subscribe = async (session) => {
    const subscriptionId = await create(session);
    const created = await monitored(session, subscriptionId);
    const ids = created.results.map((result) => result.monitoredItemId);
    const publishing = [publish(session), publish(session)];

    for (const speed of [1450, 1800, 5000]) {
        await setSpeed(session, speed);
        await sleep(250);
    }
    await refreshConditions(session, subscriptionId);
    await change(session, subscriptionId, ids);
    await session.getMonitoredItems(subscriptionId);
    await sleep(400);
    await ask(session, new opcua.DeleteMonitoredItemsRequest({ subscriptionId,
        monitoredItemIds: [ids[1], 999999] }));
    await ask(session, new opcua.DeleteMonitoredItemsRequest({ subscriptionId: 424242,
        monitoredItemIds: [1] }));
    await remove(session, subscriptionId, 424242);
    await Promise.all(publishing);
};

// A subscription outlives its session, and the next session takes it over.
exports.transfer = async (client) => {
    const first = await client.createSession();
    const subscriptionId = await create(first);

    await monitored(first, subscriptionId);
    await sleep(250);
    await first.close(false);
    const second = await client.createSession();

    await refused(second.transferSubscriptions({ sendInitialValues: true,
        subscriptionIds: [subscriptionId, 424242] }));
    const publishing = publish(second);

    await sleep(300);
    await remove(second, subscriptionId);
    await publishing;
    await second.close(true);
};

// Publishing goes on until the function returned is called.
exports.watch = async (session) => {
    const subscriptionId = await create(session);

    await monitored(session, subscriptionId);
    const publishing = [publish(session), publish(session)];

    return async () => {
        await remove(session, subscriptionId);
        await Promise.all(publishing);
    };
};
