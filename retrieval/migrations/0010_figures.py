"""The purpose of calls that describe figures."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retrieval", "0009_search_index")]
    operations = [
        migrations.AlterField(
            model_name="llmcache",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("extract", "Extract"),
                    ("figures", "Figures"),
                    ("summary", "Summary"),
                    ("keywords", "Keywords"),
                    ("query", "Query"),
                ],
                max_length=16,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="llmcall",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("extract", "Extract"),
                    ("figures", "Figures"),
                    ("summary", "Summary"),
                    ("keywords", "Keywords"),
                    ("query", "Query"),
                    ("embedding", "Embedding"),
                    ("rerank", "Rerank"),
                ],
                max_length=16,
            ),
        ),
    ]
