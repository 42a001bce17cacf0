#include "aws/endpoints.h"

#include "base/str_ascii.h"

const struct aws_service aws_service_drs = {"drs", "DRS", "2020-02-26", AWS_REST_JSON};
const struct aws_service aws_service_ec2 = {"ec2", "EC2", "2016-11-15", AWS_EC2_QUERY};
const struct aws_service aws_service_sts = {"sts", "STS", "2011-06-15", AWS_QUERY};
const struct aws_service aws_service_sso = {"portal.sso", "SSO", "2019-06-10", AWS_REST_JSON};

static const struct partition partitions[] = {
    {"aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1", "us-gov-"},
    {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-northwest-1", "cn-"},
    {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1", "eusc-"},
    {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1", "us-isob-"},
    {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1", "eu-isoe-"},
    {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1", "us-isof-"},
    {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1", "us-iso-"},
    {"aws", "amazonaws.com", "api.aws", "us-east-1", ""},
};

/* Where AWS_STS_REGIONAL_ENDPOINTS=legacy means the one global host. */
static const char legacy_sts_regions[] =
    "ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 aws-global ca-central-1 eu-central-1 "
    "eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2";

bool region_is_valid(struct str region)
{
    if (region.len < 1 || region.len > 63)
        return false;
    for (size_t i = 0; i < region.len; i++) {
        char c = region.ptr[i];

        if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-')
            return false;
    }
    return region.ptr[0] != '-' && region.ptr[region.len - 1] != '-';
}

const struct partition *partition_of(struct str region)
{
    const struct partition *p = partitions;

    while (!str_starts(region, str_from_z(p->prefixes)))
        p++;
    return p;
}

static bool is_word_of(const char *words, struct str word)
{
    struct str rest = str_from_z(words);

    while (str_present(rest))
        if (str_eq(str_cut(&rest, ' '), word))
            return true;
    return false;
}

/* GovCloud's plain EC2 and STS hosts are FIPS already and have no other name. */
static bool has_fips_host(const struct aws_service *service, const struct partition *p)
{
    return str_eq_z(str_from_z(p->name), "aws-us-gov") ? service == &aws_service_drs : true;
}

static struct str standard_host(struct arena *a, const struct aws_service *service,
                                struct str region, const struct endpoint_settings *s)
{
    const struct partition *p = partition_of(region);
    const char *fips = s->fips && has_fips_host(service, p) ? "-fips" : "";
    const char *suffix = s->dual_stack ? p->dual_stack_suffix : p->dns_suffix;

    return arena_strf(a, "%s%s." STR_FMT ".%s", service->name, fips, STR_ARG(region), suffix);
}

static bool is_host_char(char c)
{
    return ascii_is_alnum(c) || memchr("-._:[]", c, 6);
}

/* Without a port that the scheme implies anyway: what the Host header carries. */
static struct str without_default_port(struct str host, bool tls)
{
    struct str port = tls ? STR(":443") : STR(":80");

    return str_ends(host, port) ? str_slice(host, 0, host.len - port.len) : host;
}

bool endpoint_from_url(struct arena *a, struct str url, struct endpoint *out)
{
    bool tls = str_starts(url, STR("https://"));
    struct str rest = str_slice(url, tls ? 8 : 7, url.len);
    struct str host;

    if (!tls && !str_starts(url, STR("http://")))
        return false;
    host = str_cut(&rest, '/');
    for (size_t i = 0; i < host.len; i++)
        if (!is_host_char(host.ptr[i]))
            return false;
    if (str_empty(host) || str_find(rest, '?') >= 0 || str_find(rest, '#') >= 0)
        return false;
    while (str_ends(rest, STR("/")))
        rest.len--;
    *out = (struct endpoint){
        .origin = arena_strf(a, "%s" STR_FMT, tls ? "https://" : "http://", STR_ARG(host)),
        .prefix = str_empty(rest) ? STR("") : arena_strf(a, "/" STR_FMT, STR_ARG(rest)),
        .host = arena_str(a, without_default_port(host, tls)),
    };
    return true;
}

static bool is_global(const struct endpoint_ask *ask)
{
    return ask->service == &aws_service_sts && ask->settings.sts_legacy &&
           is_word_of(legacy_sts_regions, ask->region);
}

static void standard_endpoint(struct arena *a, const struct endpoint_ask *ask, struct endpoint *e)
{
    bool global = is_global(ask);

    e->host = global ? STR("sts.amazonaws.com")
                     : standard_host(a, ask->service, ask->region, &ask->settings);
    e->origin = arena_strf(a, "https://" STR_FMT, STR_ARG(e->host));
    e->prefix = STR("");
    e->signing_region = global ? STR("us-east-1") : ask->region;
}

bool endpoint_resolve(struct arena *a, const struct endpoint_ask *ask, struct endpoint *out,
                      struct str *why)
{
    struct str url = ask->settings.override_url;
    struct endpoint e = {0};

    if (!region_is_valid(ask->region)) {
        *why = str_empty(ask->region)
                   ? STR("no region is given or configured")
                   : arena_strf(a, "'" STR_FMT "' is not a region", STR_ARG(ask->region));
        return false;
    }
    if (!str_present(url)) {
        standard_endpoint(a, ask, &e);
    } else if (!endpoint_from_url(a, url, &e)) {
        *why = arena_strf(a, "the configured endpoint '" STR_FMT "' is not an http or https URL",
                          STR_ARG(url));
        return false;
    } else {
        e.signing_region = ask->region;
    }
    *out = e;
    return true;
}
