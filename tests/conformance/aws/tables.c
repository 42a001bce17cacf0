#include "tests/conformance/aws/tables.h"

#include "aws/drs.h"
#include "aws/ec2.h"
#include "aws/ec2_fields.h"

/* The recursion follows the tables, whose depth is fixed at compile time. */
static void put_table(struct json_writer *w, const struct field *table)
{
    json_begin_object(w);
    for (const struct field *f = table; f->name; f++) {
        json_name(w, str_from_z(f->name));
        if (f->fields)
            put_table(w, f->fields);
        else
            json_put_null(w);
    }
    json_end_object(w);
}

void put_tables(struct json_writer *w)
{
    static const struct {
        const char *shape;
        const struct field *table;
    } tables[] = {
        {"drs.SourceServer", drs_source_server_fields},
        {"drs.Job", drs_job_fields},
        {"drs.JobLog", drs_job_log_item_fields},
        {"drs.RecoveryInstance", drs_recovery_instance_fields},
        {"drs.RecoverySnapshot", drs_recovery_snapshot_fields},
        {"drs.LaunchConfiguration", drs_launch_configuration_fields},
        {"drs.ReplicationConfiguration", drs_replication_configuration_fields},
        {"drs.StartRecoveryRequestSourceServer", drs_start_server_fields},
        {"ec2.Instance", ec2_instance_fields},
        {"ec2.Subnet", ec2_subnet_fields},
        {"ec2.SecurityGroup", ec2_security_group_fields},
        {"ec2.LaunchTemplateVersion", ec2_template_version_fields},
        {"ec2.LaunchTemplate", ec2_template_fields},
        {"ec2.RequestLaunchTemplateData", ec2_sent_template_data_fields},
    };

    json_name(w, STR("tables"));
    json_begin_object(w);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        json_name(w, str_from_z(tables[i].shape));
        put_table(w, tables[i].table);
    }
    json_end_object(w);
}
