// SPDX-License-Identifier: Apache-2.0
package io.millrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may know whom. The arrows of java/README.md, checked. */
final class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.millrace");

  private static void forbid(String from, String... to) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .check(CLASSES);
  }

  @Test
  void theModelKnowsNobody() {
    noClasses()
        .that()
        .resideInAPackage("io.millrace.model..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "io.millrace.model..", "java..", "org.pcollections..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void theKernelEdgeKnowsNothingOfTheCluster() {
    forbid(
        "io.millrace.bpf..",
        "io.millrace.model..",
        "io.millrace.source..",
        "io.millrace.compile..",
        "io.millrace.reconcile..",
        "io.millrace.agent..",
        "io.millrace.admin..",
        "io.millrace.cli..");
  }

  @Test
  void sourcesOnlyFillTheModel() {
    forbid(
        "io.millrace.source..",
        "io.millrace.compile..",
        "io.millrace.reconcile..",
        "io.millrace.agent..",
        "io.millrace.admin..",
        "io.millrace.cli..");
    forbid("io.millrace.source", "io.millrace.bpf..", "com.fasterxml..");
    forbid(
        "io.millrace.source.manifest..",
        "io.millrace.bpf..",
        "io.millrace.source.node..",
        "io.millrace.source.kubernetes..");
    forbid(
        "io.millrace.source.kubernetes..",
        "io.millrace.bpf..",
        "io.millrace.source.node..",
        "io.millrace.source.manifest..");
    forbid("io.millrace.source.object..", "io.millrace.source", "java.nio..", "org.slf4j..");
  }

  @Test
  void theApiClientStaysBehindItsSource() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.millrace.source.kubernetes..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.fabric8..")
        .check(CLASSES);
  }

  @Test
  void compilersArePureOfTheKernelAndOfSources() {
    forbid(
        "io.millrace.compile..",
        "io.millrace.source..",
        "io.millrace.reconcile..",
        "io.millrace.bpf.jni..",
        "io.millrace.agent..",
        "java.nio..",
        "org.slf4j..");
  }

  @Test
  void theReconcilerKnowsTheKernelByItsInterfaces() {
    forbid(
        "io.millrace.reconcile..",
        "io.millrace.source..",
        "io.millrace.bpf.jni..",
        "io.millrace.agent..",
        "io.millrace.admin..",
        "io.millrace.cli..");
    noClasses()
        .that()
        .resideInAPackage("io.millrace.reconcile..")
        .should()
        .dependOnClassesThat()
        .haveSimpleNameStartingWith("Kernel")
        .check(CLASSES);
  }

  @Test
  void theHttpServerKnowsNobody() {
    noClasses()
        .that()
        .resideInAPackage("io.millrace.http..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "io.millrace.http..", "java..", "io.netty..", "org.slf4j..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void onlyTheBindingDeclaresNatives() {
    methods()
        .that()
        .areDeclaredInClassesThat()
        .resideOutsideOfPackage("io.millrace.bpf.jni..")
        .and()
        .areDeclaredInClassesThat()
        .doNotHaveFullyQualifiedName("io.millrace.agent.Libc")
        .should()
        .notHaveModifier(JavaModifier.NATIVE)
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.millrace.bpf..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.millrace.bpf.jni..")
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.millrace.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
