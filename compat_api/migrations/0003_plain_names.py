"""Rename the fields of API keys, and reword their labels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compat_api", "0002_words"),
    ]

    operations = [
        migrations.RenameField("apikey", "begins", "prefix"),
        migrations.RenameField("apikey", "right", "role"),
        migrations.AlterField(
            model_name="apikey",
            name="expires_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="expires at"
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="last_used_at",
            field=models.DateTimeField(
                blank=True, help_text="Accurate to the minute.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="prefix",
            field=models.CharField(
                help_text="First characters of the key, to identify it.",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="requests_per_minute",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="If empty: REQUESTS_PER_MINUTE of the server.",
                null=True,
                verbose_name="requests per minute",
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="role",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "read"), (2, "write"), (3, "admin")],
                default=1,
                help_text="Each role includes the roles before it.",
                verbose_name="role",
            ),
        ),
    ]
