import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs_app', '0007_refusals'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('inference', 'inference'), ('training', 'training'), ('import', 'import'), ('export', 'export'), ('evaluation', 'evaluation'), ('projection', 'projection'), ('bulk', 'bulk')], max_length=12),
        ),
        migrations.CreateModel(
            name='BulkChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('index', models.PositiveIntegerField()),
                ('samples', models.JSONField()),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bulk_chunks', to='jobs_app.job')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('job', 'index'), name='bulk_chunk_once')],
            },
        ),
    ]
