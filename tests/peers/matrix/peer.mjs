// Women (and volunteers) on Matrix: real clients of another make, driven by the tests over JSON lines on a socket.
//
// In:  {"id": 1, "who": "ann", "do": "say", ...}    Out: {"id": 1, "is": ...} or {"id": 1, "fault": "..."}
// Each connection has people of its own, who go when it ends. The crypto is the one of Element Web (matrix-sdk-crypto, compiled to WebAssembly); nothing here knows ours.
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import * as sdk from "matrix-js-sdk";
import {
  AllDevicesIsolationMode,
  OnlySignedDevicesIsolationMode,
} from "matrix-js-sdk/lib/crypto-api/index.js";

for (const name of ["log", "info", "warn", "error", "debug", "trace"]) console[name] = () => {};
// One client in trouble must not take the people of other tests with it.
process.on("unhandledRejection", () => {});
process.on("uncaughtException", (error) => process.stderr.write(`${error?.stack ?? error}\n`));

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function until(what, true_, within = 20000) {
  const end = Date.now() + within;
  for (;;) {
    const found = await true_();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(25);
  }
}

function room_of(client, room) {
  const found = client.getRoom(room);
  if (!found) throw new Error(`no such room: ${room}`);
  return found;
}

async function synced(client) {
  await until("first sync", () => ["PREPARED", "SYNCING"].includes(client.getSyncState()));
}

// What one would read on the screen: no state events, edits in place, removed lines marked.
function screen(client, room) {
  const shown = [];
  for (const event of room_of(client, room).getLiveTimeline().getEvents()) {
    const type = event.getType();
    if (event.isState() || type === "m.room.redaction" || type === "m.reaction") continue;
    if (event.getRelation()?.rel_type === "m.replace") continue;
    const content = event.getContent();
    shown.push({
      id: event.getId(),
      who: event.getSender(),
      text: content.body ?? "",
      html: content.formatted_body ?? null,
      kind: content.msgtype ?? type,
      wire: event.getWireType(),
      gone: event.isRedacted(),
      unreadable: event.isDecryptionFailure() ? String(event.decryptionFailureReason) : null,
      edited: event.replacingEventId() ?? null,
      sending: event.status ?? null,
    });
  }
  return shown;
}

const crowd = (people) => {
const deeds = {
  async enter(who, { homeserver, user, password, device, strict, sign, token, deviceId, name }) {
    const first = sdk.createClient({ baseUrl: homeserver });
    const login = token
      ? { access_token: token, user_id: user, device_id: deviceId }
      : await first.loginRequest({
          type: "m.login.password",
          identifier: { type: "m.id.user", user },
          password,
          device_id: device,
          initial_device_display_name: name,
        });
    const client = sdk.createClient({
      baseUrl: homeserver,
      accessToken: login.access_token,
      userId: login.user_id,
      deviceId: login.device_id,
      timelineSupport: true,
      cryptoCallbacks: keys(who),
    });
    people.set(who, client);
    client.password = password;
    await client.initRustCrypto({ useIndexedDB: false });
    client.getCrypto().setDeviceIsolationMode(
      strict ? new OnlySignedDevicesIsolationMode() : new AllDevicesIsolationMode(false),
    );
    await client.startClient({ initialSyncLimit: 50, lazyLoadMembers: false });
    await synced(client);
    if (sign) await deeds.sign(who, {});
    return { user: login.user_id, device: login.device_id, token: login.access_token };
  },

  // Makes her cross-signing identity, and signs this device with it.
  async sign(who) {
    const client = people.get(who);
    await client.getCrypto().bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: async (request) => {
        await request({
          type: "m.login.password",
          identifier: { type: "m.id.user", user: client.getUserId() },
          password: client.password,
        });
      },
    });
    return true;
  },

  // The new device of a person is signed by her older one, as after comparing emoji.
  async confirm(who, { device }) {
    const client = people.get(who);
    await until("her new device", async () => {
      const devices = await client.getCrypto().getUserDeviceInfo([client.getUserId()], true);
      return devices.get(client.getUserId())?.has(device);
    });
    await client.getCrypto().crossSignDevice(device);
    return true;
  },

  async room(who, { invite, encrypted = true, preset = "trusted_private_chat", name, direct = true, federate }) {
    const client = people.get(who);
    const initial_state = encrypted
      ? [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }]
      : [];
    const made = await client.createRoom({
      preset,
      invite: invite ?? [],
      is_direct: direct,
      name,
      initial_state,
      visibility: "private",
      creation_content: federate === false ? { "m.federate": false } : undefined,
    });
    await until("her own room", () => client.getRoom(made.room_id));
    return made.room_id;
  },

  async joined(who, { room, user, within = 20000 }) {
    const client = people.get(who);
    await until(`${user} in the room`, () => client.getRoom(room)?.getMember(user)?.membership === "join", within);
    return true;
  },

  async membership(who, { room, user }) {
    return people.get(who).getRoom(room)?.getMember(user)?.membership ?? null;
  },

  async invites(who) {
    return people.get(who).getRooms().filter((room) => room.getMyMembership() === "invite").map((room) => room.roomId);
  },

  async rooms(who) {
    return people.get(who).getRooms().filter((room) => room.getMyMembership() === "join").map((room) => room.roomId);
  },

  async join(who, { room }) {
    const client = people.get(who);
    await client.joinRoom(room);
    await until("joined", () => client.getRoom(room)?.getMyMembership() === "join");
    return true;
  },

  async leave(who, { room }) {
    await people.get(who).leave(room);
    return true;
  },

  async kick(who, { room, user }) {
    await people.get(who).kick(room, user);
    return true;
  },

  async invite(who, { room, user }) {
    await people.get(who).invite(room, user);
    return true;
  },

  async state(who, { room, type, key = "", content }) {
    return (await people.get(who).sendStateEvent(room, type, content, key)).event_id;
  },

  async facts(who, { room }) {
    const found = room_of(people.get(who), room);
    const state = (type) => found.currentState.getStateEvents(type, "")?.getContent() ?? null;
    return {
      name: state("m.room.name"),
      topic: state("m.room.topic"),
      avatar: state("m.room.avatar"),
      alias: state("m.room.canonical_alias"),
      encryption: state("m.room.encryption"),
      create: state("m.room.create"),
      power: state("m.room.power_levels"),
      join_rules: state("m.room.join_rules"),
      history: state("m.room.history_visibility"),
      direct: found.getMember(people.get(who).getUserId())?.events.member?.getContent().is_direct ?? null,
    };
  },

  async say(who, { room, text, kind = "m.text", more = {} }) {
    const client = people.get(who);
    return (await client.sendMessage(room, { msgtype: kind, body: text, ...more })).event_id;
  },

  // Without waiting for the server: the answer is when each was sent.
  async says(who, { room, texts }) {
    const ids = [];
    for (const text of texts) ids.push(await deeds.say(who, { room, text }));
    return ids;
  },

  async edit(who, { room, event, text }) {
    return deeds.say(who, {
      room,
      text: `* ${text}`,
      more: {
        "m.new_content": { msgtype: "m.text", body: text },
        "m.relates_to": { rel_type: "m.replace", event_id: event },
      },
    });
  },

  async redact(who, { room, event }) {
    return (await people.get(who).redactEvent(room, event)).event_id;
  },

  async react(who, { room, event, key }) {
    const content = { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } };
    return (await people.get(who).sendEvent(room, "m.reaction", content)).event_id;
  },

  async send(who, { room, type, content }) {
    return (await people.get(who).sendEvent(room, type, content)).event_id;
  },

  async upload(who, { text }) {
    return (await people.get(who).uploadContent(Buffer.from(text), { type: "application/octet-stream" })).content_uri;
  },

  async screen(who, { room }) {
    return screen(people.get(who), room);
  },

  // Waits until a readable line with exactly this text stands on the screen.
  async reads(who, { room, text, part, from, count = 1, within = 20000 }) {
    const client = people.get(who);
    return until(`line ${JSON.stringify(text ?? part)} on the screen of ${who}`, () => {
      if (!client.getRoom(room)) return null;
      const found = screen(client, room).filter(
        (line) =>
          !line.gone &&
          !line.unreadable &&
          (text === undefined || line.text === text) &&
          (part === undefined || line.text.includes(part)) &&
          (from === undefined || line.who === from),
      );
      return found.length >= count ? found : null;
    }, within);
  },

  async shields(who, { room }) {
    const client = people.get(who);
    const found = [];
    for (const event of room_of(client, room).getLiveTimeline().getEvents()) {
      if (event.getWireType() !== "m.room.encrypted") continue;
      const info = await client.getCrypto().getEncryptionInfoForEvent(event);
      found.push({ id: event.getId(), who: event.getSender(), colour: info?.shieldColour, reason: info?.shieldReason });
    }
    return found;
  },

  async trust(who, { user, device }) {
    const status = await people.get(who).getCrypto().getDeviceVerificationStatus(user, device);
    return status && { signed: status.signedByOwner, verified: status.isVerified() };
  },

  async identity(who, { user }) {
    return people.get(who).getCrypto().getUserVerificationStatus(user).then((status) => ({
      changed: status.needsUserApproval,
      verified: status.isVerified(),
    }));
  },

  async sessions(who, { room }) {
    await people.get(who).getCrypto().forceDiscardSession(room);
    return true;
  },

  async wait(who, { milliseconds }) {
    await sleep(milliseconds);
    return true;
  },

  // No sync, no sending until `wakes`.
  async sleeps(who) {
    people.get(who).stopClient();
    return true;
  },

  async out(who) {
    const client = people.get(who);
    people.delete(who);
    await client.logout(true);
    return true;
  },

  async closes(who) {
    const client = people.get(who);
    people.delete(who);
    client.stopClient();
    return true;
  },
};
return deeds;
};

// Where a client would ask a person for her recovery key, it finds it here.
const secrets = new Map();
function keys(who) {
  return {
    getSecretStorageKey: async () => secrets.get(who) ?? null,
    cacheSecretStorageKey: () => {},
  };
}

const server = createServer((socket) => {
  const people = new Map();
  const deeds = crowd(people);
  const out = (line) => socket.writable && socket.write(`${JSON.stringify(line)}\n`);
  socket.on("error", () => {});
  socket.on("close", () => {
    for (const client of people.values()) client.stopClient();
  });
  createInterface({ input: socket }).on("line", (line) => {
    const { id, who, do: deed, ...given } = JSON.parse(line);
    Promise.resolve()
      .then(() => deeds[deed](who, given))
      .then((is) => out({ id, is: is ?? null }))
      .catch((error) => out({ id, fault: `${deed}: ${error?.message ?? error}` }));
  });
});
server.listen(process.argv[2], () => process.stdout.write("ready\n"));
