// SPDX-License-Identifier: Apache-2.0
// npm's smpp as the ESME, tact-smsc as the SMSC.
//
//   node esme.js PORT SYSTEM_ID PASSWORD
'use strict';

const smpp = require('smpp');
const { same, finish, within, ask, until } = require('./checks');

const [port, systemId, password] = process.argv.slice(2);
const chinese = '【某银行】您的账单已出,请于本月二十日前还款。'.repeat(6);
const received = [];

const connect = () =>
  new Promise((resolve) => {
    const session = smpp.connect({ host: '127.0.0.1', port: Number(port) }, () => resolve(session));
    session.on('error', (error) => same('an error of the session', String(error), undefined));
    session.on('deliver_sm', (pdu) => {
      received.push(pdu);
      session.send(pdu.response());
    });
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
  });

// In parts of 67 characters behind a concatenation element of the UDH, as a handset sends it.
const submitLong = async (session, destination, text) => {
  const size = 67;
  const total = Math.ceil(text.length / size);
  const ids = [];
  for (let part = 0; part < total; part += 1) {
    const response = await ask(session, 'submit_sm', {
      source_addr: '1069000055',
      destination_addr: destination,
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      registered_delivery: 1,
      data_coding: 8,
      short_message: {
        udh: Buffer.from([0x00, 0x03, 0x2a, total, part + 1]),
        message: text.slice(part * size, (part + 1) * size),
      },
    });
    same(`submit_sm_resp of part ${part + 1}`, response.command_status, smpp.ESME_ROK);
    ids.push(response.message_id);
  }
  return ids;
};

const receiptOf = (id) =>
  received.find((pdu) => pdu.esm_class === 4 && pdu.receipted_message_id === id);

const main = async () => {
  within(20);
  const stranger = await connect();
  const refused = await ask(stranger, 'bind_transceiver', { system_id: 'nobody', password: 'x' });
  same('a stranger is refused', refused.command_status, smpp.ESME_RINVSYSID);
  stranger.close();

  const session = await connect();
  const early = await ask(session, 'submit_sm', { destination_addr: '1', short_message: 'x' });
  same('nothing is taken before the bind', early.command_status, smpp.ESME_RINVBNDSTS);

  const bound = await ask(session, 'bind_transceiver', { system_id: systemId, password });
  same('bind_transceiver_resp', bound.command_status, smpp.ESME_ROK);
  same('its version', bound.sc_interface_version, 0x34);

  const alive = await ask(session, 'enquire_link');
  same('enquire_link_resp', [alive.command, alive.command_status], ['enquire_link_resp', 0]);

  const ids = await submitLong(session, '8613800138001', chinese);
  same('three parts', ids.length, Math.ceil(chinese.length / 67));
  for (const id of ids) {
    const receipt = await until(() => receiptOf(id));
    same('the receipt is from the recipient', receipt.source_addr, '8613800138001');
    same('its state', receipt.message_state, 2);
    const text = receipt.short_message.message;
    same('its text tells the id', text.startsWith(`id:${id} `), true);
    same('its text tells the state', /stat:DELIVRD/.test(text), true);
  }

  // GSM 7-bit in the default coding, and a text in message_payload.
  for (const fields of [{ short_message: 'Your code is 1234' }, { message_payload: 'Your code' }]) {
    const taken = await ask(session, 'submit_sm', {
      source_addr: '1069000055',
      destination_addr: '8613800138002',
      ...fields,
    });
    same('a text is taken', taken.command_status, smpp.ESME_ROK);
  }

  const reply = await until(() => received.find((pdu) => pdu.source_addr === '8613800138003'));
  same('a reply is no receipt', reply.esm_class, 0);
  same('its text', reply.short_message.message, '回T');
  same('whom it is for', reply.destination_addr, '1069000055');

  const unbound = await ask(session, 'unbind');
  same('unbind_resp', unbound.command_status, smpp.ESME_ROK);
  finish();
};

// The reply belongs to a message of its own.
const provoke = async () => {
  const session = await connect();
  await ask(session, 'bind_transmitter', { system_id: systemId, password });
  await ask(session, 'submit_sm', {
    source_addr: '1069000055',
    destination_addr: '8613800138003',
    short_message: 'Reply T',
  });
  await ask(session, 'unbind');
};

provoke().then(main);
