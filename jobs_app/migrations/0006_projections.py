import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets_app', '0006_projections'),
        ('jobs_app', '0005_imports_and_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='projection',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='datasets_app.projection'),
        ),
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('inference', 'inference'), ('training', 'training'), ('import', 'import'), ('export', 'export'), ('evaluation', 'evaluation'), ('projection', 'projection')], max_length=12),
        ),
    ]
