// grammY, a client library nobody here wrote, as a bot on the double: what it can parse and drive is honest.
//
//     node grammy_peer.mjs API_URL TOKEN
//
// Says `ready` once it polls. `aiogram_peer.py` does the same, word for word.
import { Bot, GrammyError, InlineKeyboard } from "grammy";

const [apiRoot, token] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot } });

function keys(...data) {
  const keyboard = new InlineKeyboard();
  for (const one of data) keyboard.text(one.slice(0, 20), one).row();
  return keyboard;
}

bot.command("start", (ctx) =>
  ctx.reply("ready", { reply_markup: keys("one", "two"), disable_notification: true, protect_content: true }),
);

bot.on("callback_query:data", async (ctx) => {
  await ctx.answerCallbackQuery();
  await ctx.editMessageText(`you chose ${ctx.callbackQuery.data}`);
});

bot.on("edited_message", (ctx) => ctx.reply(`edited: ${ctx.editedMessage.text}`));

bot.on("my_chat_member", (ctx) => {
  process.stdout.write(`member ${ctx.myChatMember.new_chat_member.status}\n`);
});

bot.hears("delete", async (ctx) => {
  const mine = await ctx.reply("soon gone");
  await ctx.api.deleteMessages(ctx.chat.id, [ctx.msg.message_id, mine.message_id, 999999]);
  await ctx.reply("deleted");
});

bot.hears("profile", async (ctx) => {
  const ro = { language_code: "ro" };
  await ctx.api.setMyName("Notițe", ro);
  await ctx.api.setMyDescription("About", ro);
  await ctx.api.setMyShortDescription("Short", ro);
  await ctx.api.setMyCommands([{ command: "start", description: "Begin" }], ro);
  await ctx.api.setChatMenuButton({ menu_button: { type: "commands" } });
  const told = {
    chat: (await ctx.api.getChat(ctx.chat.id)).type,
    commands: (await ctx.api.getMyCommands(ro)).map((one) => one.command),
    description: (await ctx.api.getMyDescription(ro)).description,
    hook: (await ctx.api.getWebhookInfo()).url,
    menu: (await ctx.api.getChatMenuButton()).type,
    name: (await ctx.api.getMyName(ro)).name,
    other: (await ctx.api.getMyName({ language_code: "cs" })).name,
    short: (await ctx.api.getMyShortDescription(ro)).short_description,
    topics: Boolean((await ctx.api.getMe()).has_topics_enabled),
  };
  await ctx.reply(JSON.stringify(told));
});

bot.hears("topic", async (ctx) => {
  const made = await ctx.api.createForumTopic(ctx.chat.id, "Chat 1");
  const said = await ctx.api.sendMessage(ctx.chat.id, "in a topic", { message_thread_id: made.message_thread_id });
  await ctx.api.deleteForumTopic(ctx.chat.id, made.message_thread_id);
  await ctx.reply(`topic ${said.is_topic_message}`);
});

bot.hears("refusals", async (ctx) => {
  const chat = ctx.chat.id;
  const mine = await ctx.reply("same");
  const told = [];
  for (const attempt of [
    () => ctx.api.editMessageText(chat, mine.message_id, "same"),
    () => ctx.api.editMessageText(chat, 999999, "other"),
    () => ctx.api.deleteMessage(chat, 999999),
    () => ctx.api.sendMessage(chat, "x".repeat(4097)),
    () => ctx.api.sendMessage(chat, "data", { reply_markup: keys("d".repeat(65)) }),
    () => ctx.api.sendMessage(1, "nobody"),
    () => ctx.api.sendMessage(chat, "where", { message_thread_id: 77 }),
    () => ctx.api.answerCallbackQuery("77"),
  ]) {
    try {
      await attempt();
    } catch (refused) {
      if (!(refused instanceof GrammyError)) throw refused;
      told.push(refused.description);
    }
  }
  await ctx.reply(told.join("\n"));
});

bot.on("message:text", (ctx) => ctx.reply(ctx.msg.text));
bot.on("message:photo", (ctx) => ctx.reply("photo"));

process.on("SIGTERM", () => bot.stop());
await bot.start({
  timeout: 1,
  allowed_updates: ["message", "edited_message", "callback_query", "my_chat_member"],
  onStart: () => process.stdout.write("ready\n"),
});
