import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('datasets_app', '0005_evaluation_results'),
    ]

    operations = [
        migrations.CreateModel(
            name='Projection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(choices=[('pca', 'pca'), ('umap', 'umap')], max_length=10)),
                ('filter', models.JSONField(null=True)),
                ('job', models.BigIntegerField(null=True)),
                ('changes', models.PositiveBigIntegerField(null=True)),
                ('basis', models.BinaryField(null=True)),
                ('explained', models.JSONField(default=list)),
                ('fitted', models.PositiveBigIntegerField(null=True)),
                ('vectors', models.PositiveBigIntegerField(null=True)),
                ('samples', models.PositiveBigIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='projections', to='datasets_app.dataset')),
                ('field', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='datasets_app.field')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ProjectionPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('index', models.PositiveIntegerField()),
                ('ids', models.BinaryField()),
                ('points', models.BinaryField()),
                ('projection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='datasets_app.projection')),
            ],
            options={
                'ordering': ['index'],
                'constraints': [models.UniqueConstraint(fields=('projection', 'index'), name='projection_part_once')],
            },
        ),
    ]
