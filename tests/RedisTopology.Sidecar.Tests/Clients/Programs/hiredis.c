/* hiredis, unmodified: synchronous calls, pipelines, transactions, subscriptions and big values on 127.0.0.1:<port>. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed;
static redisContext *context;

static void fail(const char *name, redisReply *reply)
{
    fprintf(stderr, "%s: type %d, %s\n", name, reply ? reply->type : -1, reply && reply->str ? reply->str : context->errstr);
    exit(1);
}

static void text(const char *name, redisReply *reply, const char *expected)
{
    if (!reply || !reply->str || strcmp(reply->str, expected) != 0)
        fail(name, reply);
    freeReplyObject(reply);
    passed++;
}

static void number(const char *name, redisReply *reply, long long expected)
{
    if (!reply || reply->type != REDIS_REPLY_INTEGER || reply->integer != expected)
        fail(name, reply);
    freeReplyObject(reply);
    passed++;
}

static void array(const char *name, redisReply *reply, size_t expected)
{
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != expected)
        fail(name, reply);
    freeReplyObject(reply);
    passed++;
}

static void nothing(const char *name, redisReply *reply)
{
    if (!reply || reply->type != REDIS_REPLY_NIL)
        fail(name, reply);
    freeReplyObject(reply);
    passed++;
}

int main(int argc, char **argv)
{
    redisReply *reply;
    redisContext *other;
    char expected[32], *big;
    size_t size = 8 << 20;
    int i;

    context = redisConnect("127.0.0.1", argc > 1 ? atoi(argv[1]) : 6379);
    other = redisConnect("127.0.0.1", argc > 1 ? atoi(argv[1]) : 6379);
    if (!context || context->err || !other || other->err)
        return 1;
    text("ping", redisCommand(context, "PING"), "PONG");
    text("client setname", redisCommand(context, "CLIENT SETNAME checks"), "OK");
    text("client getname", redisCommand(context, "CLIENT GETNAME"), "checks");
    text("set", redisCommand(context, "SET hi:a %b", "b\0c", (size_t)3), "OK");
    reply = redisCommand(context, "GET hi:a");
    if (!reply || reply->len != 3 || memcmp(reply->str, "b\0c", 3) != 0)
        fail("get", reply);
    freeReplyObject(reply);
    text("mset", redisCommand(context, "MSET hi:1 1 hi:2 2 hi:3 3"), "OK");
    array("mget", redisCommand(context, "MGET hi:1 hi:2 hi:3 hi:none"), 4);
    number("exists", redisCommand(context, "EXISTS hi:1 hi:2 hi:none"), 2);
    number("del", redisCommand(context, "DEL hi:1 hi:2 hi:3"), 3);

    for (i = 0; i < 1000; i++) {
        redisAppendCommand(context, "SET hi:p%d %d", i, i);
        redisAppendCommand(context, "GET hi:p%d", i);
    }
    for (i = 0; i < 1000; i++) {
        snprintf(expected, sizeof expected, "%d", i);
        if (redisGetReply(context, (void **)&reply) != REDIS_OK)
            fail("pipeline", NULL);
        text("pipelined set", reply, "OK");
        if (redisGetReply(context, (void **)&reply) != REDIS_OK)
            fail("pipeline", NULL);
        text("pipelined get", reply, expected);
    }

    text("multi", redisCommand(context, "MULTI"), "OK");
    text("queued", redisCommand(context, "SET {hi}:x 1"), "QUEUED");
    text("queued", redisCommand(context, "INCR {hi}:x"), "QUEUED");
    array("exec", redisCommand(context, "EXEC"), 2);
    text("watch", redisCommand(context, "WATCH {hi}:w"), "OK");
    text("meddle", redisCommand(other, "SET {hi}:w 1"), "OK");
    text("multi", redisCommand(context, "MULTI"), "OK");
    text("queued", redisCommand(context, "SET {hi}:w 2"), "QUEUED");
    nothing("exec", redisCommand(context, "EXEC"));

    text("eval", redisCommand(context, "EVAL %s 1 hi:k v", "return ARGV[1]"), "v");
    nothing("blpop in vain", redisCommand(context, "BLPOP hi:q 1"));
    redisAppendCommand(context, "BLPOP hi:q 20");
    redisBufferWrite(context, &i);
    number("rpush", redisCommand(other, "RPUSH hi:q work"), 1);
    if (redisGetReply(context, (void **)&reply) != REDIS_OK)
        fail("blpop", NULL);
    array("blpop", reply, 2);
    array("scan", redisCommand(context, "SCAN 0"), 2);

    array("subscribe", redisCommand(context, "SUBSCRIBE hi:c"), 3);
    reply = redisCommand(other, "PUBLISH hi:c hello");
    if (!reply || reply->type != REDIS_REPLY_INTEGER)
        fail("publish", reply);
    freeReplyObject(reply);
    if (redisGetReply(context, (void **)&reply) != REDIS_OK)
        fail("message", NULL);
    array("message", reply, 3);
    array("unsubscribe", redisCommand(context, "UNSUBSCRIBE"), 3);

    big = malloc(size);
    memset(big, 'x', size);
    text("big set", redisCommand(context, "SET hi:big %b", big, size), "OK");
    reply = redisCommand(context, "GET hi:big");
    if (!reply || (size_t)reply->len != size || memcmp(reply->str, big, size) != 0)
        fail("big get", NULL);
    freeReplyObject(reply);
    number("big del", redisCommand(context, "DEL hi:big"), 1);
    free(big);
    redisFree(context);
    redisFree(other);
    printf("%d checks passed (hiredis %d.%d.%d)\n", passed, HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
    return 0;
}
