#include "aws/call.h"

/*
 * Reading AWS's word for what went wrong. Whatever the body is, an error comes out of it: a proxy's
 * HTML page, half a document and nothing at all are answers too.
 */

/* "aws.protocoltests#FooError:http://..." is FooError. */
static struct str bare_code(struct str code)
{
    ptrdiff_t end = str_find(code, ':');
    ptrdiff_t hash;

    if (end >= 0)
        code = str_slice(code, 0, (size_t)end);
    hash = str_find(code, '#');
    return str_trim(hash >= 0 ? str_slice(code, (size_t)hash + 1, code.len) : code);
}

static struct str first_of(const struct json *body, const char *one, const char *other)
{
    struct str s = json_str(json_get_z(body, one));

    return str_present(s) ? s : json_str(json_get_z(body, other));
}

static void read_json(struct arena *a, const struct transport_answer *answer, struct aws_error *out)
{
    static const struct json_limits limits = {1 << 20, 10000, 1000};
    const struct json *body = NULL;
    struct str why;

    if (json_parse_limited(a, answer->body, &limits, &body, &why))
        body = NULL;
    out->code = bare_code(headers_get(&answer->headers, STR("x-amzn-ErrorType")));
    if (str_empty(out->code))
        out->code = bare_code(first_of(body, "code", "Code"));
    if (str_empty(out->code))
        out->code = bare_code(json_str(json_get_z(body, "__type")));
    out->message = first_of(body, "message", "Message");
}

/* <Response><Errors><Error> of EC2, <ErrorResponse><Error> of the others. */
static void read_xml(struct arena *a, const struct transport_answer *answer, struct aws_error *out)
{
    const struct xml *root = NULL;
    const struct xml *error;
    struct str why;

    if (answer->body.len > 1 << 20 || xml_parse(a, answer->body, &root, &why))
        return;
    error = xml_child(root, STR("Errors"));
    error = xml_child(error ? error : root, STR("Error"));
    out->code = str_trim(xml_text(error, STR("Code")));
    out->message = xml_text(error, STR("Message"));
    out->request_id = xml_text(root, STR("RequestID"));
    if (!str_present(out->request_id))
        out->request_id = xml_text(root, STR("RequestId"));
}

/* What follows the first line of such a message is the request as AWS read it, session and all. */
static struct str without_request(struct str code, struct str message)
{
    return retry_is_skew(code) ? str_cut(&message, '\n') : message;
}

void aws_read_error(struct arena *a, enum aws_protocol protocol,
                    const struct transport_answer *answer, struct aws_error *out)
{
    if (protocol == AWS_REST_JSON)
        read_json(a, answer, out);
    else
        read_xml(a, answer, out);
    if (str_empty(out->code))
        out->code = arena_strf(a, "%d", answer->status);
    if (!str_present(out->message))
        out->message = STR("");
    out->message = without_request(out->code, out->message);
}
