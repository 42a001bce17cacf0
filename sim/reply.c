#include <stdarg.h>

#include "sim/ctx.h"

/* Answers and refusals in the three ways in which AWS writes them. */

enum { ANSWER_MAX = 64 << 20 };

static const char *xmlns(const struct ctx *c)
{
    if (c->protocol == P_EC2)
        return "http://ec2.amazonaws.com/doc/2016-11-15/";
    return str_eq_z(c->service, "iam") ? "https://iam.amazonaws.com/doc/2010-05-08/"
                                       : "https://sts.amazonaws.com/doc/2011-06-15/";
}

void refuse(struct ctx *c, int status, const char *code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    c->refusal = (struct refusal){.status = status, .code = code};
    c->refusal.message = arena_strvf(c->a, fmt, args);
    va_end(args);
}

void refuse_quota(struct ctx *c, const char *quota, struct str id, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    c->refusal = (struct refusal){.status = 402, .code = "ServiceQuotaExceededException"};
    c->refusal.message = arena_strvf(c->a, fmt, args);
    c->refusal.quota = str_from_z(quota);
    c->refusal.resource_id = id;
    va_end(args);
}

void refuse_field(struct ctx *c, struct str field, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    c->refusal = (struct refusal){.status = 400, .code = "ValidationException", .field = field};
    c->refusal.message = arena_strvf(c->a, fmt, args);
    va_end(args);
}

void reply_begin(struct ctx *c)
{
    c->out = buf_new(c->a, ANSWER_MAX);
    c->w = json_writer_to(&c->out);
    c->x = (struct xml){&c->out};
    if (c->protocol == P_REST) {
        json_begin_object(&c->w);
        return;
    }
    buf_add_z(&c->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_addf(&c->out, "<%sResponse xmlns=\"%s\">", c->op->name, xmlns(c));
    if (c->protocol == P_EC2)
        sim_xml_text(&c->x, "requestId", c->request_id);
    else
        buf_addf(&c->out, "<%sResult>", c->op->name);
}

static void end_body(struct ctx *c)
{
    if (c->protocol == P_REST) {
        json_end_object(&c->w);
        return;
    }
    if (c->protocol == P_QUERY) {
        buf_addf(&c->out, "</%sResult><ResponseMetadata>", c->op->name);
        sim_xml_text(&c->x, "RequestId", c->request_id);
        xml_close(&c->x, "ResponseMetadata");
    }
    buf_addf(&c->out, "</%sResponse>", c->op->name);
}

/* Two of DRS's exceptions have no such member, and what comes before DRS names only the shape. */
static bool has_code(const struct refusal *r)
{
    struct str code = str_from_z(r->code);

    return !r->serialization && !str_eq_z(code, "InternalServerException") &&
           !str_starts(code, STR("ThrottlingException"));
}

static void refusal_json(struct ctx *c)
{
    const struct refusal *r = &c->refusal;
    struct json_writer w = json_writer_to(&c->out);

    json_begin_object(&w);
    json_member_str(&w, "message", r->message);
    if (has_code(r))
        json_member_str(&w, "code", str_from_z(r->code));
    if (!str_eq_z(c->service, "drs"))
        json_member_str(&w, "__type", str_from_z(r->code));
    if (str_present(r->resource_id))
        json_member_str(&w, "resourceId", r->resource_id);
    if (str_present(r->resource_type))
        json_member_str(&w, "resourceType", r->resource_type);
    if (str_present(r->quota)) {
        json_member_str(&w, "serviceCode", STR("drs"));
        json_member_str(&w, "quotaCode", r->quota);
    }
    if (str_eq_z(str_from_z(r->code), "ValidationException"))
        json_member_str(&w, "reason",
                        str_present(r->field) ? STR("fieldValidationFailed") : STR("other"));
    if (str_present(r->field)) {
        json_name(&w, STR("fieldList"));
        json_begin_array(&w);
        json_begin_object(&w);
        json_member_str(&w, "name", r->field);
        json_member_str(&w, "message", r->message);
        json_end_object(&w);
        json_end_array(&w);
    }
    json_end_object(&w);
}

static void refusal_ec2(struct ctx *c)
{
    struct xml x = {&c->out};

    buf_add_z(&c->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
    xml_z(&x, "Code", c->refusal.code);
    sim_xml_text(&x, "Message", c->refusal.message);
    buf_add_z(&c->out, "</Error></Errors>");
    sim_xml_text(&x, "RequestID", c->request_id);
    buf_add_z(&c->out, "</Response>");
}

static void refusal_query(struct ctx *c)
{
    struct xml x = {&c->out};

    buf_addf(&c->out, "<ErrorResponse xmlns=\"%s\"><Error>", xmlns(c));
    xml_z(&x, "Type", c->refusal.status >= 500 ? "Receiver" : "Sender");
    xml_z(&x, "Code", c->refusal.code);
    sim_xml_text(&x, "Message", c->refusal.message);
    buf_add_z(&c->out, "</Error>");
    sim_xml_text(&x, "RequestId", c->request_id);
    buf_add_z(&c->out, "</ErrorResponse>");
}

static void set_headers(struct ctx *c, const char *content_type)
{
    struct header *h = arena_array_of(c->a, 6, struct header);
    size_t n = 0;

    h[n++] = (struct header){STR("x-amzn-RequestId"), c->request_id};
    if (!str_empty(c->answer->body))
        h[n++] = (struct header){STR("Content-Type"), str_from_z(content_type)};
    if (c->refusal.status && c->protocol == P_REST)
        h[n++] = (struct header){STR("x-amzn-ErrorType"), str_from_z(c->refusal.code)};
    if (c->refusal.retry_after_s)
        h[n++] = (struct header){STR("Retry-After"),
                                 arena_strf(c->a, "%lld", (long long)c->refusal.retry_after_s)};
    c->answer->headers = (struct headers){h, n};
}

void reply_finish(struct ctx *c)
{
    static void (*const refusals[])(struct ctx *) = {
        [P_REST] = refusal_json, [P_EC2] = refusal_ec2, [P_QUERY] = refusal_query};

    if (c->refusal.status) {
        c->out = buf_new(c->a, ANSWER_MAX);
        refusals[c->protocol](c);
        c->answer->status = c->refusal.status;
    } else {
        end_body(c);
        if (c->op->flags & OP_BARE)
            c->out.len = 0;
        c->answer->status = c->op->status ? c->op->status : 200;
    }
    c->answer->body = buf_str(&c->out);
    set_headers(c, c->protocol == P_REST ? "application/json" : "text/xml;charset=UTF-8");
}
