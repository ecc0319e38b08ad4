// SPDX-License-Identifier: Apache-2.0
// npm's smpp as the SMSC, tactd as the ESME. Prints its port, then takes what comes: each message
// is answered, gets a receipt, and whoever is told to reply T does so. Ends with SIGTERM, and
// prints what it took as lines of JSON.
//
//   node smsc.js PASSWORD
'use strict';

const smpp = require('smpp');

const [password] = process.argv.slice(2);
const taken = [];
let sessions = 0;
let enquired = 0;
let answered = 0;
let current; // the session that is bound

const receipt = (pdu, id) => ({
  source_addr: pdu.destination_addr,
  destination_addr: pdu.source_addr,
  esm_class: 4,
  short_message:
    `id:${id} sub:001 dlvrd:001 submit date:2603181015 done date:2603181016 ` +
    'stat:DELIVRD err:000 text:',
  receipted_message_id: id,
  message_state: 2,
});

const server = smpp.createServer((session) => {
  session.on('error', (error) => console.log(JSON.stringify({ error: String(error) })));
  session.on('bind_transceiver', (pdu) => {
    if (pdu.password !== password) {
      session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
      return;
    }
    sessions += 1;
    current = session;
    session.send(pdu.response({ system_id: 'npm', sc_interface_version: 0x34 }));
    session.enquire_link({}, () => { enquired += 1; });
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on('submit_sm', (pdu) => {
    const id = `npm-${taken.length + 1}`;
    const { message, udh } = pdu.short_message;
    taken.push({
      from: pdu.source_addr,
      to: pdu.destination_addr,
      data_coding: pdu.data_coding,
      esm_class: pdu.esm_class,
      registered_delivery: pdu.registered_delivery,
      udh: (udh || []).map((element) => element.toString('hex')),
      text: message,
    });
    session.send(pdu.response({ message_id: id }));
    const told = () => { answered += 1; };
    setTimeout(() => current.deliver_sm(receipt(pdu, id), told), 1500);
    if (message.includes('回复')) {
      session.deliver_sm(
        { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
          data_coding: 8, short_message: '回T' }, told);
    }
    // The first session ends as carriers end them at night; the receipts come on the next one.
    if (taken.length === 1) setTimeout(() => session.unbind({}, () => session.close()), 200);
  });
});

server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
process.on('SIGTERM', () => {
  for (const message of taken) console.log(JSON.stringify(message));
  console.log(JSON.stringify({ sessions, enquired, answered }));
  process.exit(0);
});
setTimeout(() => process.exit(1), 60000);
