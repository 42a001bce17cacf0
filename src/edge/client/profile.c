/*
 * aws-profile: what makes an unchanged `aws lambda invoke` and an unchanged boto3 call this
 * service. Neither of Debian's versions knows an endpoint variable, and the CLI wants to be told
 * that payloads are plain text. Whom to trust is said beside the address and not in the profile:
 * there it would take the place of the system's authorities in the calls that go to AWS too.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "edge/client/client_internal.h"

/* In the wrapper, which is how it and its folder are known again. */
#define WRITTEN "Written by `drwave aws-profile`."

enum { BUNDLE_MAX = 4 << 20 };

struct profile {
    struct client *client;
    struct str dir; /* absolute */
    struct str endpoint;
    struct str key_id;
    struct str secret;
    struct str region;
    struct str ca_file; /* absolute; absent: whom the clients trust anyway */
};

/* In single quotes for sh; a quote inside is closed, escaped and opened again. */
static struct str sh_quoted(struct arena *a, struct str s)
{
    struct buf b = buf_new(a, 64 << 10);

    buf_add_char(&b, '\'');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\'')
            buf_add_z(&b, "'\\''");
        else
            buf_add_char(&b, s.ptr[i]);
    }
    buf_add_char(&b, '\'');
    return buf_str(&b);
}

static bool put_file(struct profile *p, const char *name, unsigned mode, struct str text)
{
    struct arena *a = p->client->arena;
    struct str why;

    if (file_replace(a, arena_strf(a, STR_FMT "/%s", STR_ARG(p->dir), name), text, mode, &why) ==
        FAULT_NONE)
        return true;
    (void)client_complain(0, STR_FMT, STR_ARG(why));
    return false;
}

static bool make_folder(struct profile *p, const char *name)
{
    struct arena *a = p->client->arena;
    struct str why;

    if (file_make_folder(a, arena_strf(a, STR_FMT "/%s", STR_ARG(p->dir), name), &why) ==
        FAULT_NONE)
        return true;
    (void)client_complain(0, STR_FMT, STR_ARG(why));
    return false;
}

static struct str config_text(struct profile *p)
{
    return arena_strf(p->client->arena,
                      "[default]\n"
                      "region = " STR_FMT "\n"
                      "output = json\n"
                      "cli_binary_format = raw-in-base64-out\n"
                      "cli_pager =\n",
                      STR_ARG(p->region));
}

static struct str credentials_text(struct profile *p)
{
    return arena_strf(p->client->arena,
                      "[default]\n"
                      "aws_access_key_id = " STR_FMT "\n"
                      "aws_secret_access_key = " STR_FMT "\n",
                      STR_ARG(p->key_id), STR_ARG(p->secret));
}

/* What the wrapper puts before the words of an invocation. A later word of them wins. */
static struct str routing_options(struct profile *p)
{
    struct arena *a = p->client->arena;
    struct str url = sh_quoted(a, p->endpoint);

    if (!str_present(p->ca_file))
        return arena_strf(a, "--endpoint-url " STR_FMT, STR_ARG(url));
    return arena_strf(a, "--endpoint-url " STR_FMT " --ca-bundle " STR_FMT, STR_ARG(url),
                      STR_ARG(sh_quoted(a, p->ca_file)));
}

/* The real aws is the first one on the path that is not such a file, this one or another. */
static struct str wrapper_text(struct profile *p)
{
    struct arena *a = p->client->arena;

    return arena_strf(a,
                      "#!/bin/sh\n"
                      "# Adds the address of drwave to `aws lambda invoke`; everything else goes\n"
                      "# to AWS as it is. " WRITTEN "\n"
                      "real=\n"
                      "IFS=:\n"
                      "for dir in $PATH; do\n"
                      "    [ -x \"${dir:-.}/aws\" ] || continue\n"
                      "    if ! head -n 3 \"${dir:-.}/aws\" | grep -aqF '" WRITTEN "'; then\n"
                      "        real=${dir:-.}/aws\n"
                      "        break\n"
                      "    fi\n"
                      "done\n"
                      "unset IFS\n"
                      "if [ -z \"$real\" ]; then\n"
                      "    echo 'aws: the AWS CLI is not installed' >&2\n"
                      "    exit 127\n"
                      "fi\n"
                      "lambda= invoke=\n"
                      "for word; do\n"
                      "    case $word in\n"
                      "    --endpoint-url | --endpoint-url=*) exec \"$real\" \"$@\" ;;\n"
                      "    lambda) lambda=1 ;;\n"
                      "    invoke) invoke=$lambda ;;\n"
                      "    esac\n"
                      "done\n"
                      "if [ -n \"$invoke\" ]; then\n"
                      "    exec \"$real\" " STR_FMT " \"$@\"\n"
                      "fi\n"
                      "exec \"$real\" \"$@\"\n",
                      STR_ARG(routing_options(p)));
}

static struct str sitecustomize_text(struct profile *p)
{
    struct arena *a = p->client->arena;
    struct json url = {.kind = JS_STR, .string = p->endpoint};
    struct json region = {.kind = JS_STR, .string = p->region};
    struct json trust = {.kind = JS_STR, .string = p->ca_file};

    return arena_strf(
        a,
        "\"\"\"Lets boto3's Lambda clients call drwave. Written by `drwave aws-profile`.\"\"\"\n"
        "import importlib.abc\n"
        "import importlib.util\n"
        "import sys\n"
        "\n"
        "ENDPOINT = " STR_FMT "\n"
        "REGION = " STR_FMT "\n"
        "VERIFY = " STR_FMT "\n"
        "\n"
        "\n"
        "def patch(module):\n"
        "    import inspect\n"
        "    original = module.Session.create_client\n"
        "    signature = inspect.signature(original)\n"
        "\n"
        "    def create_client(self, *args, **kwargs):\n"
        "        call = signature.bind(self, *args, **kwargs)\n"
        "        given = call.arguments\n"
        "        if given.get(\"service_name\") == \"lambda\" and \"awscli\" not in sys.modules:\n"
        "            if not given.get(\"endpoint_url\"):\n"
        "                given[\"endpoint_url\"] = ENDPOINT\n"
        "                if given.get(\"verify\") is None:\n"
        "                    given[\"verify\"] = VERIFY\n"
        "            if not given.get(\"region_name\"):\n"
        "                given[\"region_name\"] = self.get_config_variable(\"region\") or REGION\n"
        "        return original(*call.args, **call.kwargs)\n"
        "\n"
        "    module.Session.create_client = create_client\n"
        "\n"
        "\n"
        "class AfterImport(importlib.abc.MetaPathFinder):\n"
        "    \"\"\"Patches botocore.session when, and only when, a program imports it.\"\"\"\n"
        "\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name != \"botocore.session\":\n"
        "            return None\n"
        "        sys.meta_path.remove(self)\n"
        "        spec = importlib.util.find_spec(name)\n"
        "        execute = spec.loader.exec_module\n"
        "\n"
        "        def exec_module(module):\n"
        "            execute(module)\n"
        "            patch(module)\n"
        "\n"
        "        spec.loader.exec_module = exec_module\n"
        "        return spec\n"
        "\n"
        "\n"
        "sys.meta_path.insert(0, AfterImport())\n",
        STR_ARG(json_text(a, &url)), STR_ARG(json_text(a, &region)),
        STR_ARG(str_present(p->ca_file) ? json_text(a, &trust) : STR("None")));
}

static struct str env_text(struct profile *p)
{
    struct arena *a = p->client->arena;
    struct str dir = sh_quoted(a, p->dir);

    return arena_strf(
        a,
        "# . this file: `aws lambda invoke` and boto3 then call drwave.\n"
        "export AWS_CONFIG_FILE=" STR_FMT "/config\n"
        "export AWS_SHARED_CREDENTIALS_FILE=" STR_FMT "/credentials\n"
        "export AWS_DEFAULT_REGION=" STR_FMT "\n"
        "export PYTHONPATH=" STR_FMT "/python${PYTHONPATH:+:$PYTHONPATH}\n"
        "export PATH=" STR_FMT "/bin:$PATH\n"
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE\n",
        STR_ARG(dir), STR_ARG(dir), STR_ARG(sh_quoted(a, p->region)), STR_ARG(dir), STR_ARG(dir));
}

/* Nothing is there yet, or what an earlier call wrote: ~/.aws is somebody's. */
static bool may_write(struct profile *p)
{
    struct arena *a = p->client->arena;
    struct str text;
    struct str why;

    if (access(p->dir.ptr, F_OK) || file_folder_is_empty(p->dir.ptr))
        return true;
    return !file_read(a, arena_strf(a, STR_FMT "/bin/aws", STR_ARG(p->dir)), 1 << 16, &text,
                      &why) &&
           str_contains(text, STR(WRITTEN));
}

/* One line, no control characters: what may stand in a profile. */
static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 127)
            return false;
    return s.len > 0;
}

/* A file that cannot be read, or that Python cannot be told of, is said now: not at each call. */
static int read_trust(struct profile *p)
{
    struct client *c = p->client;
    struct str text;
    struct str why;

    connect_trust(c);
    if (!str_present(c->ca_file))
        return 0;
    p->ca_file = file_absolute(c->arena, c->ca_file);
    if (file_read(c->arena, p->ca_file, BUNDLE_MAX, &text, &why))
        return client_complain(CLIENT_CONFIGURATION, "whom to trust: " STR_FMT, STR_ARG(why));
    if (!str_is_utf8(p->ca_file))
        return client_complain(CLIENT_CONFIGURATION, "the name of the CA bundle is not UTF-8");
    return 0;
}

/* 0, or the exit code after a message. */
static int read_profile(struct profile *p)
{
    struct client *c = p->client;
    struct str why;
    const struct json *file = connect_file(c, &why);
    int code;

    if (str_present(why))
        return client_complain(CLIENT_CONFIGURATION, STR_FMT, STR_ARG(why));
    code = connect_address(c, file);
    if (code)
        return code;
    p->endpoint = c->endpoint;
    p->key_id = json_str(json_get_z(file, "accessKeyId"));
    p->secret = json_str(json_get_z(file, "secretAccessKey"));
    p->region = json_str(json_get_z(file, "region"));
    if (str_empty(p->region))
        p->region = STR("us-east-1");
    if (is_plain(p->endpoint) && is_plain(p->key_id) && is_plain(p->secret) && is_plain(p->region))
        return read_trust(p);
    return client_complain(CLIENT_CONFIGURATION,
                           STR_FMT " holds no address and access key: it is written by "
                                   "`drwave serve`",
                           STR_ARG(c->file));
}

static bool write_profile(struct profile *p)
{
    return make_folder(p, "bin") && make_folder(p, "python") &&
           put_file(p, "config", 0600, config_text(p)) &&
           put_file(p, "credentials", 0600, credentials_text(p)) &&
           put_file(p, "bin/aws", 0755, wrapper_text(p)) &&
           put_file(p, "python/sitecustomize.py", 0644, sitecustomize_text(p)) &&
           put_file(p, "env", 0644, env_text(p));
}

int command_aws_profile(struct client *c, struct words words)
{
    struct profile p = {.client = c};
    int code;

    if (!words_name_one(words))
        return client_complain(CLIENT_USAGE, "aws-profile DIR: which folder?");
    p.dir = file_absolute(c->arena, str_from_z(words.items[0]));
    code = read_profile(&p);
    if (code)
        return code;
    if (!may_write(&p))
        return client_complain(CLIENT_USAGE,
                               STR_FMT " holds files that `drwave aws-profile` did not write: "
                                       "name a folder of its own",
                               STR_ARG(p.dir));
    if (!write_profile(&p))
        return CLIENT_ERROR;
    (void)printf(". " STR_FMT "/env\n", STR_ARG(sh_quoted(c->arena, p.dir)));
    return CLIENT_DONE;
}
